# ruff: noqa: E501  (a pattern a line: wrapped ones are harder to read)
"""French rows; see english.py."""

_MONTH = r"(janv(ier|\.)|févr(ier|\.)|mars|avr(il|\.)|mai|juin|juil(let|\.)|août|sept(embre|\.)|oct(obre|\.)|nov(embre|\.)|déc(embre|\.))"
_DATE = rf"(le )?(\w+ )?\d{{1,2}}(er)? {_MONTH} \d{{4}}(,?( à)? \d{{1,2}} ?[h:] ?\d\d)?|(le )?\d\d/\d\d/\d{{4}}(,?( à)? \d{{1,2}} ?[h:] ?\d\d)?"

ROWS: dict[str, tuple[str, ...]] = {
    "ad": (r"publicités?|annonces?|(la suite|l'article continue) après (la|cette) publicité|contenu sponsorisé",),
    "platform": (
        r"fourni par blogger|(articles? (plus )?(récents?|anciens?)|accueil|message plus (récent|ancien)| )+|publié par .{1,60}",
        r"s'abonner à:? (publier les commentaires|articles) ?\(?(atom|rss)?\)?|afficher mon profil complet|envoyer par e-mail",
    ),
    "comments": (
        r"(aucun|pas de|\d+|un) commentaires?|commentaires?( ?\(\d+\))?|(voir|lire|afficher) (tous )?les (\d+ )?commentaires",
        r"(laisser|ajouter|enregistrer|poster|écrire|publier) un commentaire|(réagir|commenter)( à)?( cet? article)?|annuler la réponse",
        r"votre adresse e-?mail ne sera pas publiée.{0,80}",
    ),
    "share": (
        r"partager( (sur|par|via) (facebook|twitter|x|whatsapp|linkedin|e-?mail|mail)| (cet |l')article)?|imprimer|envoyer (par e-?mail|à un ami)|copier le lien|tweeter",
    ),
    "date": (
        rf"((publiée?|mis(e)? à jour|modifiée?|posté)( le)?:? ?)*({_DATE})([ ,-]*(mis(e)? à jour|modifié) (le )?({_DATE}))?",
        r"il y a \d+ (minute|heure|jour|semaine|mois|an)s?|temps de lecture:? .{1,20}|lecture:? \d+ min.{0,10}|\d+ min(utes)? de lecture",
    ),
    "byline": (r"(par|propos recueillis par|texte:?)( [\w.'-]+){1,5}( et( [\w.'-]+){1,4})?",),
    "follow": (
        r"(abonnez-vous|inscrivez-vous)( .{1,120})?|(s'abonner|s'inscrire|je m'abonne|je m'inscris)( (à|aux) (la |nos |notre )?newsletters?.{0,60})?|.{0,60}recevez .{0,80}(newsletter|par e-?mail|boîte mail).{0,60}",
        r"(suivez|retrouvez|rejoignez)([- ]nous)? .{0,60}(facebook|twitter|instagram|whatsapp|linkedin|youtube|google|réseaux).{0,60}|newsletters?",
    ),
    "read-more": (
        r"\W*(lire|voir|à lire|à voir)( (aussi|également|ensuite)| la suite)( sur .{1,40})?( ?:)? .{0,200}|\W*(à )?(lire|voir) ?: .{1,200}",
        r"\W*(en savoir plus|à lire aussi|sur le même sujet|à lire|lire la suite|plus d'infos|articles? (similaires|liés|recommandés)|les plus lus)",
        r"\W*(vous aimerez aussi|ça peut vous intéresser|à découvrir aussi)(:? .{1,160})?",
    ),
    "media": (
        r"(photo|crédit(s)?( photo)?|image|illustration|légende)s? ?: ?.{1,120}|©[^\d]{1,60}|[^.]{1,160} [(/|] ?(afp|reuters|sipa|maxppp)\)?",
    ),
    "contents": (r"sommaire|table des matières|dans cet article",),
    "promotion": (
        r"découvrir|acheter|commander|essayer gratuitement|faire un don|j'en profite|je découvre|profitez-en",
    ),
    "credit": (
        r"\(?(avec|source ?:) (afp|reuters|ap|agences?|les agences).{0,40}\)?|avec (l')?afp|\(?source ?: .{1,80}\)?|\((afp|reuters|belga|ats)\)",
    ),
    "tags": (
        r"(tags?|mots[- ]clés|catégories?|thèmes?|étiquettes?|libellés|sujets?|publié dans|classé dans)( ?:.{0,200})?",
    ),
    "legal": (
        r"(©|\(c\)|copyright (by|\d{4})) .{1,200}|tous droits réservés.{0,100}|(mentions légales|politique de confidentialité)( [|·] .{1,60})?",
    ),
    "bio": (
        r"(à propos de l'auteure?|l'auteure?|qui sommes-nous).{0,60}|.{3,60} est (journaliste|rédact(eur|rice)|correspondante?|chroniqueu(r|se))\b.{0,200}",
    ),
}
