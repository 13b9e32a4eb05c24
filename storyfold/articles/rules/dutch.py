# ruff: noqa: E501  (a pattern a line: wrapped ones are harder to read)
"""Dutch rows; see english.py."""

_MONTH = r"(januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|jan|feb|mrt|apr|jun|jul|aug|sep|okt|nov|dec)"
_DATE = rf"([\w-]+,? )?\d{{1,2}} {_MONTH}\.? \d{{4}}(,?( om| -)* \d{{1,2}}[:.]\d\d( uur)?)?"

ROWS: dict[str, tuple[str, ...]] = {
    "ad": (r"advertenties?|reclame|gesponsord(e inhoud)?|(artikel|tekst) gaat (verder|door) onder de advertentie",),
    "platform": (r"mogelijk gemaakt door blogger|((nieuwere|oudere) posts?|homepage| )+|gepost door .{1,60}",),
    "comments": (
        r"(geen|\d+) (reacties?|opmerkingen)|reacties?( ?\(\d+\))?|(plaats|geef|schrijf|laat) (een|je|uw) (reactie|opmerking)( achter)?|een reactie (plaatsen|posten)",
    ),
    "share": (
        r"(deel|delen)( (dit artikel|(op|via) (facebook|twitter|x|whatsapp|telegram|linkedin|e-?mail)))?|printen|afdrukken|kopieer (de )?link|link kopiëren",
    ),
    "date": (
        rf"((gepubliceerd|geplaatst|bijgewerkt|laatst gewijzigd|laatste update)( op)?:? ?)*{_DATE}|leestijd:? .{{1,20}}",
    ),
    "byline": (r"(geschreven door|redactie)( [\w.'-]+){1,5}",),
    "follow": (
        r"(schrijf (je|u) in|meld (je|u) aan|abonneer (je|u)|word (lid|abonnee))( .{1,120})?|ontvang .{0,80}(nieuwsbrief|e-?mail).{0,60}|nieuwsbrief",
        r"volg (ons|onze) .{0,60}(facebook|twitter|instagram|whatsapp|telegram|tiktok|youtube|google|kanaal).{0,60}",
    ),
    "read-more": (
        r"\W*lees (ook|verder|meer)(:? .{1,200})?|(bekijk|zie) (ook|meer)(: .{1,200})?|(gerelateerde|meer) (artikelen|berichten|nieuws)|meer over dit onderwerp|meest gelezen|misschien ook interessant",
    ),
    "media": (r"(foto|beeld|afbeelding|bron)( foto)? ?: ?.{1,120}|[^.]{1,160} [/|] ?(anp|afp|reuters)",),
    "contents": (r"inhoud(sopgave)?|in dit artikel",),
    "tags": (r"(tags?|labels?|onderwerpen|categorieën|trefwoorden)( ?:.{0,200})?",),
    "legal": (r"(©|\(c\)|copyright (by|\d{4})) .{1,200}|alle rechten voorbehouden.{0,100}",),
}
