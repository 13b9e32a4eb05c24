"""German rows; see english.py."""

ROWS: dict[str, tuple[str, ...]] = {
    "ad": (r"anzeige|werbung|(nach der|unter der) (werbung|anzeige) (geht es|geht's) weiter",),
    "platform": (r"powered by blogger", r"(neuere|ältere) posts?( startseite)?"),
    "comments": (
        r"(keine|\d+|ein) kommentare?( vorhanden)?",
        r"kommentar (veröffentlichen|schreiben|hinterlassen|verfassen)",
    ),
}
