"""English rows. Each is a pattern for a whole line, without regard to case; see docs/cleaning.md for how to add one."""

ROWS: dict[str, tuple[str, ...]] = {
    "ad": (
        r"(header|footer|sidebar|top|bottom|banner) ads?",
        r"ads?|advert|advertisements?|advertising",
        r"(article|story) continues (below|after) (this |the )?(ad|advert|advertisement)s?",
        r"scroll to continue (below|after) (this |the )?(ad|advert|advertisement)s?",
        r"(sponsored|promoted)( content| post| links?)?",
    ),
    "platform": (
        r"(proudly )?powered by (blogger|wordpress|tumblr|ghost|medium|substack|disqus|squarespace|wix|typepad)",
        r"(newer|older) posts?( home)?( (newer|older) posts?)?",
        r"subscribe to:? (post comments|posts|comments) ?\(?(atom|rss)?\)?",
        r"(email this|blogthis!|share to (twitter|x|facebook|pinterest))+",
    ),
    "comments": (
        r"(no|\d+|one) (comments?|responses?|replies|thoughts?)( yet)?( (on|to) .{1,100})?",
        r"(post|leave|add|write|submit) (a|your) (comment|reply)s?",
        r"(show|view|load|see|read)( all| more)?( \d+)? comments?( \(\d+\))?",
        r"comments?( ?\(\d+\))?|comments (are|have been) (closed|disabled|turned off).{0,60}",
        r"(join|start) the (conversation|discussion)",
    ),
    "share": (
        r"share( (this|on|via|the|it|with) .{1,40})?|share this|tweet( this)?|pin it|print( this( page| article)?)?",
        r"(facebook|twitter|whatsapp|linkedin|pinterest|reddit|email|e-mail|telegram|copy link|x|print|,|\||/| )+",
    ),
}
