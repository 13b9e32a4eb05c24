# ruff: noqa: E501  (a pattern a line: wrapped ones are harder to read)
"""What pages that are no articles say, by reason. `HEADINGS` are for a whole title or heading, `TEXTS` for any place in a short text.

All patterns are for lower case with plain quotes.
"""

HEADINGS: dict[str, tuple[str, ...]] = {
    "not-found": (
        r"(error |http )?(404|410)( error)?( [-–|:] .{0,40})?|(error )?404[ :.-]*(page |file )?not found.{0,30}",
        r"(oops|sorry|hoppla|ups)?[!,. ]*(this |the |that )?(page|article|story|content|url|file|post) (was |is |could |can |cannot be |can't be )?(not |be )*(found|available|exist|missing).{0,40}",
        r"(this |the |that )?(page|article|story|content) (you .{0,40} )?((can't|cannot|could not|couldn't) be found|(no longer|doesn't|does not) exists?|is no longer available|has (been )?(moved|removed)).{0,40}",
        r"(die )?(seite|artikel) (wurde )?nicht (gefunden|vorhanden|verfügbar).{0,20}|(page|article) (introuvable|non trouvée?|inexistante?).{0,20}",
        r"(la )?página no (encontrada|existe|disponible).{0,20}|страница не (найдена|существует).{0,20}|nothing found|not found|pagina (non trovata|niet gevonden).{0,20}",
    ),
    "error-page": (
        r"(error )?(400|401|403|429|500|502|503|504)[ :.-]*(error|forbidden|bad (gateway|request)|unauthorized|internal server error|service (temporarily )?unavailable|gateway time-?out|too many requests)?",
        r"access (to this page has been )?denied|forbidden|(internal server|application|server) error|bad gateway|service unavailable|gateway time-?out",
        r"just a moment\W*|attention required!.{0,30}|checking your browser.{0,60}|are you a (robot|human)\??|(please )?verify you are (a )?human.{0,40}|security check|ddos-guard|client challenge|robot or human\??",
        r"(we'll be|we will be) (right )?back( soon)?|(site )?(under|down for) maintenance|wartungsarbeiten|en maintenance|en mantenimiento|технические работы",
    ),
    "consent-wall": (
        r"before you continue( to .{1,40})?|(we value )?your privacy( matters)?( is important to us)?|cookie (consent|settings|notice|preferences)|(privacy|consent) (settings|preferences|center|manager)",
        r"(weiter )?mit werbung (weiter)?lesen|pur[- ]abo.{0,30}|la tua privacy.{0,30}|(wij respecteren )?(je|uw) privacy.{0,30}|ваша конфиденциальность.{0,30}|ihre privatsphäre.{0,30}|datenschutzeinstellungen|votre vie privée.{0,30}|nous respectons votre vie privée|valoramos tu privacidad|tu privacidad.{0,30}",
    ),
    "index": (
        r"search results?( for)?:?( .{1,80})?|suchergebnisse?( (für|zu))?:?( .{1,80})?|résultats? de (la )?recherche.{0,80}|resultados de (la )?búsqueda.{0,80}|результаты поиска.{0,80}",
        r"risultati della ricerca.{0,80}|resultados da (busca|pesquisa).{0,80}|zoekresultaten.{0,80}",
    ),
    "login": (
        r"(please )?(log|sign) ?in( to .{1,40})?|member login|(bitte )?(anmelden|einloggen)|anmeldung|se connecter|connexion|iniciar sesión|acceder|вход|войти|авторизация",
    ),
}

TEXTS: dict[str, tuple[str, ...]] = {
    "not-found": (
        r"\b(page|article|content|url|address|file|story) (that )?(you( are|'re| were)? (looking for|requested|tried to .{1,20}|were trying to .{1,20})) .{0,40}(not|no longer|n't|moved|removed|unavailable)",
        r"we (can't|cannot|could not|couldn't|were unable to) (seem to )?find (the|that|this|a) (page|article|content)|(seite|artikel), d(ie|en) sie .{1,30}(existiert|gefunden).{0,10} nicht|(seite|artikel) (konnte|wurde) (leider )?nicht gefunden",
        r"(page|article) (que vous .{1,30} )?(n'existe (pas|plus)|est introuvable)|(página|artículo) que .{1,20} no (existe|se encuentra)|no (pudimos|hemos podido) encontrar la página|запрашиваемая страница не|la pagina che (stai cercando|cercavi) non|de pagina die (je|u) .{0,20}zoekt .{0,20}niet|страница .{0,30}не (найдена|существует)",
    ),
    "error-page": (
        r"(enable|turn on|requires?|activate) (java ?script|cookies)( and (cookies|java ?script))?.{0,60}(continue|browser|site|view|page|work)|(java ?script|cookies) (is|are) (disabled|not enabled|required)",
        r"you don't have permission to (access|view)|checking (if the site connection is secure|your browser)|unusual (traffic|activity) from|ray id|(prove|verify|confirm)( that)? you('re| are)( a)? (not a robot|human)|complete the (security check|captcha)",
        r"the server encountered an (internal|unexpected)|(please )?(aktivieren sie|activez) (javascript|cookies)|habilite? javascript|включите (javascript|cookies)",
    ),
    "consent-wall": (
        r"we (and|use|care|value|process)\b.{0,60}(partners|cookies|privacy).{0,200}(accept|agree|consent|reject|manage|preferences)",
        r"(accept|allow|reject) all( cookies)?.{0,200}(cookies|partners|privacy|purposes)|by clicking .{0,20}(accept|agree).{0,60}you (agree|consent)",
        r"(wir|unsere partner) .{0,80}(cookies|einwilligung|partner).{0,300}(akzeptieren|zustimm|ablehnen)|(nous|nos partenaires) .{0,80}(cookies|partenaires).{0,300}(accepter|refuser|consentement)",
        r"(wir und unsere|unsere) (bis zu )?\d+ partner .{0,200}(cookies?|ip-adresse|personenbezogene)|mit werbung .{0,40}tracking.{0,300}(zustimm|einwillig|pur-abo|abonn)",
        r"(noi e i nostri|utilizziamo) .{0,80}(partner|cookie).{0,300}(accett|rifiut|consenso)|(wij en onze|wij gebruiken) .{0,80}(partners|cookies).{0,300}(akkoord|accepteren|weiger|toestemming)",
        r"(utilizamos|nosotros y nuestros socios|usamos) .{0,80}(cookies|socios).{0,300}(aceptar|rechazar|consentimiento)|(мы|наш сайт) использу\w+ .{0,40}(cookie|куки).{0,200}(соглас|принять)",
    ),
    "login": (
        r"(log|sign) ?in|forgot(ten)? (your )?password|passwort (vergessen|zurücksetzen)|mot de passe oublié|(olvidaste|olvidó) (tu|su) contraseña|забыли пароль|remember me|angemeldet bleiben",
    ),
}

CUTS = (
    r"(subscribe|sign in|log in|register|sign up|join)( now| today)? to (continue|keep|read|unlock|access|view)\b|to (continue|keep) reading(,|:| this)|(continue|keep) reading (with|for) (a|your|free|just)\b",
    r"(this|the) (article|story|content|post|report) is (only |exclusively )?(for|available (only )?(to|for)|reserved for) (paid |paying |our |registered )?(subscribers|members|registered)|(subscriber|member)s?[- ](only|exclusive)",
    r"(already|are you) a (subscriber|member)\?|you have (read|reached|used) (all )?(your|the) .{0,40}(free )?articles?|unlock (this|the) (article|story)|get (full|unlimited) access",
    r"(nur|exklusiv) für (abonnenten|abonnentinnen|mitglieder|registrierte)|(jetzt )?weiterlesen mit|sie (sind|haben) bereits (abonnent|ein abo|registriert)|mit .{1,20}plus.{0,20} weiterlesen|diesen artikel (weiter)?lesen sie mit",
    r"(article|contenu) (est )?réservé (aux|à nos) abonnés|pour (lire la suite|continuer (la|votre) lecture)|il vous reste .{1,20} de cet article|déjà abonnée? ?\?",
    r"(contenido |artículo )?(exclusivo|solo|reservado) para (suscriptores|socios|usuarios registrados)|suscríbe(te|se) para (seguir|continuar) leyendo|(para|inicia sesión para) (seguir|continuar) leyendo|¿ya eres suscriptor",
    r"(articolo|contenuto) (riservato|solo per) (agli )?abbonati|(abbonati|accedi) per (continuare a )?leggere|(alleen|exclusief) voor abonnees|word abonnee om (verder te lezen|dit artikel)",
    r"(материал|статья|текст) (доступ\w+|открыт\w*) (только )?(для )?(подписчик|зарегистрир)\w*|чтобы (читать|прочитать) (дальше|полностью)|оформите подписку|полный текст доступен",
)
