# ruff: noqa: E501  (a pattern a line: wrapped ones are harder to read)
"""Italian rows; see english.py."""

_MONTH = r"(gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre|gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic)"
_DATE = rf"([\w-]+,? )?\d{{1,2}}°? {_MONTH}\.? \d{{4}}(,?( alle| ore| -)* \d{{1,2}}[:.]\d\d)?"

ROWS: dict[str, tuple[str, ...]] = {
    "ad": (r"pubblicità|annunci(o)?|contenuto sponsorizzato|(l'articolo )?continua dopo la pubblicità",),
    "platform": (r"powered by blogger|(post più (recenti?|vecchi(o)?)|home page| )+|pubblicato da .{1,60}",),
    "comments": (
        r"(nessun|\d+|un) comment[oi]|commenti?( ?\(\d+\))?|(lascia|posta|scrivi|aggiungi|invia) un commento|annulla risposta",
    ),
    "share": (
        r"condividi( (su|via|con) (facebook|twitter|x|whatsapp|telegram|linkedin|e-?mail))?( questo articolo)?|stampa|copia (il )?link",
    ),
    "date": (
        rf"((pubblicato|aggiornato|modificato|ultimo aggiornamento)( il)?:? ?)*{_DATE}|tempo di lettura:? .{{1,20}}",
    ),
    "byline": (r"(a cura di|redazione)( [\w.'-]+){1,5}",),
    "follow": (
        r"(iscriviti|registrati)( .{1,120})?|abbonati( (ora|subito|al(la)? .{1,60}))?|ricevi .{0,80}(newsletter|e-?mail).{0,60}|newsletter",
        r"(seguici|seguiteci|segui) .{0,60}(facebook|twitter|instagram|whatsapp|telegram|tiktok|youtube|google|social).{0,60}",
    ),
    "read-more": (
        r"\W*leggi anche(:? .{1,200})?|(guarda|vedi) anche(: .{1,200})?|leggi (tutto|di più)( .{1,40})?|continua a leggere|(articoli|notizie) (correlat[ei]|in evidenza)|potrebbe interessarti( anche)?|i più letti|ultime notizie",
    ),
    "media": (r"(foto(grafia)?|immagine|crediti|fonte)( di copertina)? ?: ?.{1,120}",),
    "contents": (r"indice( dell'articolo)?|in questo articolo|sommario",),
    "credit": (r"fonte ?: ?.{1,100}|\(?(ansa|adnkronos|agi|lapresse)\)?",),
    "tags": (r"(tags?|etichette|argomenti|categorie|parole chiave)( ?:.{0,200})?",),
    "legal": (
        r"(©|\(c\)|copyright (by|\d{4})) .{1,200}|(tutti i )?diritti riservati.{0,100}|riproduzione riservata.{0,60}",
    ),
}
