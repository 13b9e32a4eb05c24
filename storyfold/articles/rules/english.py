# ruff: noqa: E501  (a pattern a line: wrapped ones are harder to read)
"""English rows. Each is a pattern for a whole line in lower case; see docs/cleaning.md for how to add one.

Lines that say where a text comes from ("Originally published on …", datelines) are none of these: who told it first is
what the service is asked.
"""

_NETWORKS = r"(facebook|twitter|x|whatsapp|linkedin|pinterest|reddit|e-?mail|telegram|instagram|youtube|tiktok|threads)"
_MONTH = (
    r"(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?"
    r"|dec(ember)?)\.?"
)
_DAY = r"(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?\.?,?"
_TIME = r"(at )?\d{1,2}[:.]\d\d( ?[ap]\.?m\.?)?( ?\(?[a-z]{2,4}\)?)?"
_DATE = rf"({_DAY} )?({_MONTH} \d{{1,2}}(st|nd|rd|th)?,? \d{{4}}|\d{{1,2}} {_MONTH},? \d{{4}}),?( [|•·,-]? ?{_TIME})?"

ROWS: dict[str, tuple[str, ...]] = {
    "ad": (
        r"(header|footer|sidebar|top|bottom|banner|in-?article) ads?( widget)?",
        r"ads?|advert|advertisements?|advertising( -.{1,40})?|(- )?advertisement( -)?",
        r"(article|story) continues (below|after) (this |the )?(ad|advert|advertisement)s?",
        r"(scroll|continue reading) (to continue )?(below|after) (this |the )?(ad|advert|advertisement)s?",
        r"(sponsored|promoted)( content| post| links?| stories)?|report (this )?ad",
    ),
    "platform": (
        r"(proudly )?powered by (blogger|wordpress|tumblr|ghost|medium|substack|disqus|squarespace|wix|typepad)",
        r"((newer|older) posts?|home|next post|previous post|prev post)( (newer|older) posts?| home| next post)*",
        r"subscribe to:? (post comments|posts|comments) ?(\(?(atom|rss)\)?)?",
        r"(email this|blogthis!|share to (twitter|x|facebook|pinterest)| )+",
        r"(simple|awesome inc\.?|ethereal|picture window|travel|watermark|contempo|soho) theme\. powered by blogger",
        r"view my complete profile|blog archive|theme images by .{1,40}|about me",
        r"posted by .{1,60} at \d{1,2}[:.]\d\d( ?[ap]\.?m)?( (no|\d+) comments?:?)?",
        r"an error (has )?occurred,? please try again( later)?|something went wrong.{0,60}",
    ),
    "comments": (
        r"(no|\d+|one) (comments?|responses?|replies|thoughts?)( yet)?( (on|to) .{1,100})?",
        r"(post|leave|add|write|submit) (a|your) (comment|reply|review)s?( below)?( cancel (comment|reply))?",
        r"(show|view|load|see|read)( all| more)?( \d+)? comments?( \(\d+\))?",
        r"comments?( ?\(\d+\))?|comments (are|have been) (closed|disabled|turned off).{0,60}",
        r"(join|start) the (conversation|discussion)|cancel reply|log in to (comment|leave a comment)",
        r"your email address will not be published.{0,80}",
        r"what do you think\? .{0,60}(comments?|below).{0,60}|(tell|let) us (know )?(what you think )?in the comments.{0,60}",
    ),
    "share": (
        r"(click to )?share( (this|on|via|article|story|post)\b.{0,50})?|tweet( this)?|pin( it)?",
        rf"({_NETWORKS}|share|print|copy link|save)([ ,|/•]+({_NETWORKS}|share|print|copy link|messenger|flipboard|tumblr|save))*",
        r"(print|save|e-?mail|order)( this)?( (page|article|story|reprints?|post))?|copy (link|url)|link copied!?",
        r"like this:?|like loading|\d+ (shares?|likes?|views?|claps?)",
    ),
    "date": (
        rf"((first )?(published|posted|updated|last (updated|modified|reviewed))(:| on| at)? ?)+({_DATE})?",
        rf"((originally |last |first )?(published|posted|updated|created|modified|reviewed)( on| at|:)*:? )?{_DATE}",
        rf"(published|posted) .{{0,20}}{_DATE}|{_DATE} [-–|•/] ?((last )?updated:? )?{_DATE}",
        r"(updated |published |posted )?(\d+|an?|one) (minute|hour|day|week|month|year)s? ago",
        r"(\d+|[a-z]+)[- ]min(ute)?s?( read(ing time)?)?|reading time:? .{1,20}|(est(imated)?\.? )?read time:? .{1,20}",
        rf"updated:? ({_DAY} )?.{{0,30}}\d{{4}}|updated at {_TIME}|\d{{4}}-\d\d-\d\d([t ]\d\d:\d\d(:\d\d)?(z|[+-]\d\d:?\d\d)?)?",
    ),
    "byline": (
        r"(written |story |words |posted |article |reporting )?by:?( [\w.'-]+){1,5}( and( [\w.'-]+){1,4})?( [|•,-] .{1,50})?",
        r"(written by|author|reviewed by|medically reviewed by|fact checked by|edited by|contributor|staff writer)",
    ),
    "follow": (
        r"(click here to |please )?(subscribe|sign up|register)( (now|today|here|free|for free))?",
        r"(click here to |please )?(subscribe|sign up|register|join) .{0,80}(newsletter|mailing list|inbox|e-?mail list|alerts?|channel|"
        r"podcast|updates)\b.{0,80}",
        r"(get|receive|have) .{0,80}(delivered|sent|straight|direct(ly)?|right) (direct(ly)? |straight |right )?(to|in) your "
        r"(inbox|e-?mail|phone).{0,80}",
        r".{0,80}(delivered|straight|right) to your inbox.{0,60}",
        rf"(please )?(follow|find|join|connect with) (us|me|him|her|them|@?[\w.]+( [\w.]+){{0,3}}) on ({_NETWORKS}|google news|social media)(\W.{{0,60}})?",
        rf"like us on {_NETWORKS}.{{0,60}}",
        rf"(follow|like|find) us( on)?( {_NETWORKS}.{{0,60}})?",
        r"follow @?\w+( on \w+)?|click here (to get|for) the .{1,40} app|download (the|our) .{0,40}app.{0,30}",
        r"thanks? (you )?for (signing up|subscribing).{0,80}|awesome, you're subscribed!?",
        r"(enter )?(your )?e-?mail( address)?|invalid e-?mail( address)?|please enter a valid e-?mail.{0,30}",
        r"by (signing up|clicking|entering|subscribing|submitting|providing|registering)\b.{0,200}\b(you|i) (agree|consent|accept|acknowledge|confirm).{0,250}",
        r"keep an eye on your inbox.{0,60}|check your inbox.{0,60}|there was an error processing your .{1,30}",
        r"(our|the|my|\w+) newsletter|newsletters?( sign ?up)?|more newsletters|no thanks|already a (subscriber|member)\?.{0,40}",
        r"(this|the) site is protected by recaptcha.{0,120}|you can unsubscribe at any time.{0,60}",
        r"listen to .{1,60} (podcast|on (spotify|apple)).{0,80}|listen to .{1,40} live (at|on) .{0,80}",
    ),
    "read-more": (
        r"\W*(read|see|learn|find out|discover|watch|hear|view)( more| also| next| full story| the full (story|article))",
        r"\W*(read more|see more|see also|read also|also read|also see|read next|read this|more on this( story)?)\W? .{1,220}",
        r"\W*(related|recommended|more)( (stories|articles?|posts?|content|topics|reading|videos?|coverage|links|news))?",
        r"\W*(related|recommended|explainer|must read|don't miss|watch|listen|more|opinion|photos|video)(:|\||-) .{1,220}",
        r"(related|recommended) (stories?|articles?|posts?|content|reading|coverage):? .{1,220}",
        r"(you (may|might) (also )?(like|enjoy|be interested in)|don't miss|more from .{1,40}|more great .{1,30} stories)",
        r"(most (read|popular|viewed|shared|recent)|trending( now)?|top stories|latest (news|posts|stories)|popular (posts|now))",
        r"(recommended|suggested) (for you|videos?)|editors?'s? picks?|what to read next|up next|next article|previous article",
        r"(click|tap) here (to|for) (read |see |view |get |watch |learn |more |full ).{0,100}|keep reading|continue reading",
        r"\(?(read|see) (also|more)[: ].{1,160}\)|check out (more )?.{1,60} here|.{0,60}read the full (story|article) here",
    ),
    "media": (
        r"((image|photo|picture|credit|illustration)( (image|photo|picture))?( (credit|source|courtesy|by)s?)?:|"
        r"(image|photo|picture)s? (courtesy|credit|by|via|from)( of)?:?) .{1,120}",
        r"[^.]{1,160}[/|(] ?(getty( images)?|reuters|afp|ap( photo)?|shutterstock|istock|unsplash|alamy|pixabay)\)?|"
        r"[^.]{1,160}[/|] ?epa",
        r"(view|open|see) (this )?(image|photo|gallery|larger image)( (in|on) .{0,40})?|(view )?(image|photo) gallery",
        r"https?://\S+\.(jpe?g|png|gif|webp|mp4)(\?\S*)?",
        r"(image|photo) \d+ of \d+|(play|watch) video|video (unavailable|loading).{0,60}|embed:?|caption:?",
        r"(getty images|shutterstock|istock|unsplash|adobe stock|ap photo|handout)(/.{1,60})?|this video is .{1,60}unavailable",
    ),
    "contents": (r"(table of )?contents?:?|(on|in) this (page|article|story|post|guide)|jump to( section)?:?|toggle",),
    "promotion": (
        r"(learn more|get started|buy now|shop now|sign in|log ?in|register now|book now|donate( now)?|join now|try (it )?(for )?free)",
        r"(start (your )?free trial|request a demo|get a (free )?quote|contact us( today)?|apply now|download now|add to cart)",
        r"support (us|our (journalism|work|reporting))( .{0,40})?|(become a (member|supporter|subscriber)|make a donation).{0,40}",
        r"(while |though )?.{0,80}we may (earn|receive|get) (a |an )?(small )?(affiliate )?(commission|share|compensation|portion).{0,160}",
        r".{0,40}(this (post|article|page|story) (may )?contains?|includes?) affiliate links.{0,200}",
    ),
    "credit": (
        r"\(?(additional )?(reporting|writing|compiled|edited|editing) by .{1,250}",
        r".{1,160} contributed (reporting )?(to|for) this (report|story|article)\W?.{0,40}",
        r"sources?: ?(news agencies|al jazeera.{0,30}|agencies|reuters|ap|afp|.{1,30} news( agency)?)",
        r"(the )?associated press (writer|reporter)s? .{1,200}|our standards: .{1,60}|(follow|read) .{1,20}'s full coverage.{1,120}",
        r"\(with (inputs|files|agency inputs) from .{1,60}\)|with (inputs|files) from .{1,60}|-?with (reuters|ap|afp)",
        r"copyright (\(c\)|©)? ?\d{4}.{0,200}",
    ),
    "tags": (
        r"(tags?|tagged|filed|labels?|topics?|categor(y|ies)|keywords?|posted|explore more on these topics)( (with|in|as|under|on))?"
        r"(:.{0,280})?",
        r"(tagged|filed|posted) (with|in|as|under) .{1,280}",
    ),
    "legal": (
        r"(\W|copyright)* ?(©|\(c\)|ⓒ)? ?(copyright )?(©|\(c\)|ⓒ)? ?(19|20)\d\d\b.{0,300}(all )?rights? reserved.{0,200}",
        r"(copyright )?(©|\(c\)|ⓒ) ?.{0,200}|copyright (by |\d{4}).{0,200}|all rights reserved.{0,100}",
        r".{0,100}(may|must) not be (published, broadcast|reproduced|republished|rewritten).{0,200}",
        r"(this copy is for|distribution and use of this material).{0,400}|to order presentation-ready copies.{0,300}",
        r"(terms of (use|service)|privacy policy|cookie policy|cookies)( (and|&|\||·) .{1,60})?|do not sell my .{1,60}",
        r"(advertiser |affiliate )?disclos?ure:? .{1,300}",
    ),
    "bio": (
        r"(about the (authors?|writers?)|about me|the author|authors?|contributors?|meet the author)",
        r".{3,60} is an? .{0,60}(writer|reporter|correspondent|editor|journalist|columnist|contributor|producer|blogger)\b (at|for|with|of|covering|based|who covers|and) .{0,300}",
        r"(write to|contact|e-?mail|reach|follow) .{1,60} at \S+@\S+|(you can )?(follow|reach|contact|e-?mail) (him|her|them|me) .{1,200}",
        r"\S+@\S+\.\w+|(https?://)?(www\.)?(twitter|x|facebook|instagram|linkedin)\.com/\S+|@\w{2,30}|(twitter|instagram):? @?\w+",
        r".{0,120}(follow|reach|contact) (him|her|them|me) (on|at|via) .{1,120}|have (a (news )?tip|tips|a story)\?.{0,200}",
    ),
}
