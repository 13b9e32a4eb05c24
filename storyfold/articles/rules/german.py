# ruff: noqa: E501  (a pattern a line: wrapped ones are harder to read)
"""German rows; see english.py."""

_MONTH = r"(jan(uar|\.)|feb(ruar|\.)|märz|mär\.|apr(il|\.)|mai|juni?|juli?|aug(ust|\.)|sept?(ember|\.)|okt(ober|\.)|nov(ember|\.)|dez(ember|\.))"
_DATE = rf"(\w+, )?(den )?\d{{1,2}}\. ?({_MONTH}|\d{{1,2}}\.) ?\d{{4}}(,? (um )?\d{{1,2}}[:.]\d\d( uhr)?)?"

ROWS: dict[str, tuple[str, ...]] = {
    "ad": (r"anzeigen?|werbung|advertorial|(nach|unter) der (werbung|anzeige) (geht es|geht's) weiter",),
    "platform": (
        r"powered by blogger|((neuere|ältere)r? (posts?|beiträge?)|startseite| )+|mein profil vollständig anzeigen",
        r"abonnieren (kommentare zum post|posts|kommentare) ?\(?(atom|rss)?\)?|diesen post per e-mail versenden|eingestellt von .{1,60}",
    ),
    "comments": (
        r"(keine|\d+|ein) kommentare?( vorhanden)?|kommentare?( \(\d+\))?|zu den kommentaren",
        r"(einen )?kommentar (veröffentlichen|schreiben|hinterlassen|verfassen|abgeben)|schreiben? sie (einen|ihren) kommentar",
        r"deine e-mail-adresse wird nicht veröffentlicht.{0,80}|jetzt mitdiskutieren|diskutieren sie mit",
    ),
    "share": (
        r"(artikel |beitrag )?(teilen|drucken|merken|versenden|weiterempfehlen)|teilen( (auf|via|mit) .{1,40})?|link kopieren",
    ),
    "date": (
        rf"((zuletzt )?(aktualisiert|veröffentlicht|stand|erstellt)( am)?:? )*{_DATE}|stand: .{{1,30}}",
        r"vor \d+ (minute|stunde|tag|woche|monat|jahr)e?n?|lesezeit:? .{1,20}|\d+ min(\.|uten)? lesezeit",
    ),
    "byline": (
        r"(von|ein (artikel|kommentar|gastbeitrag|bericht) von|text:|autor(in)?:?)( [\w.'-]+){1,5}( und( [\w.'-]+){1,4})?",
    ),
    "follow": (
        r"(abonnieren|bestellen|erhalten) sie .{0,60}newsletter.{0,40}",
        r".{0,80}newsletter.{0,40}(anmelden|abonnieren|bestellen).{0,60}|(jetzt |hier )?(newsletter )?(abonnieren|anmelden)( und .{1,60})?",
        r"(folgen|folge|besuchen) (sie |uns |du )?(uns )?(auf|bei) .{1,80}|newsletter|(ihre |deine )?e-mail-adresse",
    ),
    "read-more": (
        r"\W*(lesen sie (auch|mehr|hier)|mehr zum thema|lies auch|auch interessant|siehe auch|mehr dazu|weiterlesen|zum thema)(:? .{1,200})?",
        r"\W*((das könnte (sie|dich) (auch )?interessieren)|mehr von .{1,40}|weitere (artikel|themen|nachrichten)|meistgelesen|weiter ?lesen|(zurück )?zur (startseite|übersicht)|nach oben)",
    ),
    "media": (
        r"((bild|foto|quelle|grafik|bildquelle)e?s?:|(foto|bild)nachweis:?) .{1,120}|(bild|foto)\w* (vergrößern|anzeigen)|[^.]{1,160} [(/|] ?(dpa|imago( images)?|picture alliance|apa|keystone)\)?",
    ),
    "contents": (r"inhalt(sverzeichnis|sübersicht)?|inhalt des artikels",),
    "promotion": (
        r"(jetzt )?(kostenlos )?(testen|bestellen|registrieren|spenden)|mehr erfahren|jetzt kaufen|zum (shop|angebot)",
    ),
    "credit": (
        r"(quellen?|mit material von|redaktion|mitarbeit): ?.{1,100}|\(?(dpa|afp|reuters|apa|sid|epd|kna|ap|[a-z]{2,4})(/[a-z]{2,8}){1,4}\)?|mit (agentur)?material (von|der) .{1,60}",
    ),
    "tags": (r"(tags?|schlagw(ort|örter)e?|themen|kategorien?|stichworte|labels?)(:.{0,200})?",),
    "legal": (
        r"(©|\(c\)|copyright (by|\d{4})) .{1,200}|alle rechte vorbehalten.{0,100}|(impressum|datenschutz|agb)( [|·] .{1,60})?",
    ),
    "bio": (
        r"(über (den|die) autor(in)?|zur person|über uns).{0,60}|.{3,60} ist (redakteur|reporter|journalist|korrespondent|autor)(in)?\b.{0,200}",
    ),
}
