# ruff: noqa: E501  (a pattern a line: wrapped ones are harder to read)
"""Spanish rows; see english.py."""

_MONTH = r"(ene(ro|\.)|feb(rero|\.)|mar(zo|\.)|abr(il|\.)|may(o|\.)|jun(io|\.)|jul(io|\.)|ago(sto|\.)|sept?(iembre|\.)|oct(ubre|\.)|nov(iembre|\.)|dic(iembre|\.))"
_DATE = rf"(\w+,? )?\d{{1,2}} (de )?{_MONTH},? (del? )?\d{{4}}(,?( a las| -)? \d{{1,2}}[:.]\d\d( ?h(s|rs)?\.?)?)?|\d\d/\d\d/\d{{4}}( \d{{1,2}}[:.]\d\d)?"

ROWS: dict[str, tuple[str, ...]] = {
    "ad": (
        r"publicidad|anuncios?|contenido patrocinado|patrocinado|(la noticia |el artículo )?continúa (después|debajo) de la publicidad",
    ),
    "platform": (
        r"con tecnología de blogger|(entradas? (más )?(recientes?|antiguas?)|página principal|inicio| )+|publicado por .{1,60}",
        r"suscribirse a:? (enviar comentarios|entradas|comentarios de la entrada) ?\(?(atom|rss)?\)?|ver (todo )?mi perfil( completo)?|enviar por correo electrónico",
    ),
    "comments": (
        r"(no hay|sin|\d+|un) comentarios?|comentarios?( ?\(\d+\))?|ver (todos )?los comentarios|cancelar (la )?respuesta",
        r"(publicar|deja(r)?|escribe|añadir|agregar|enviar) (un|tu|su) (comentario|respuesta)|(tu|su) dirección de correo electrónico no será publicada.{0,80}",
    ),
    "share": (
        r"(compartir|comparte)( (en|por|vía) (facebook|twitter|x|whatsapp|telegram|linkedin|redes|correo|e-?mail).{0,30}| est[ea] (artículo|nota|noticia))?|imprimir|copiar enlace|enviar por (correo|e-?mail|whatsapp)",
    ),
    "date": (
        rf"((publicad[oa]|actualizad[oa]|modificad[oa]|última actualización|fecha)( el)?:? ?)*({_DATE})([ ,|-]*(actualizad[oa]):? ({_DATE}))?",
        r"hace \d+ (minuto|hora|día|semana|mes|año)(e?s)?|tiempo de lectura:? .{1,20}|\d+ min(utos)? de lectura|lectura:? \d+ min.{0,10}",
    ),
    "byline": (r"(por|escrito por|redacción|texto:?|autora?:?)( [\w.'-]+){1,5}( y( [\w.'-]+){1,4})?|redacción",),
    "follow": (
        r"(suscríbete|suscríbase|regístrate|apúntate|inscríbete|únete)( .{1,120})?|(recibe|reciba) .{0,80}(correo|newsletter|boletín|e-?mail).{0,60}",
        r"(síguenos|síganos|sigue|encuéntranos|búscanos) .{0,60}(facebook|twitter|instagram|whatsapp|telegram|tiktok|youtube|google|redes).{0,60}|newsletters?|boletín( de noticias)?",
    ),
    "read-more": (
        r"\W*(lee|leer|lea|ver|mira|te puede interesar|puedes leer|también puedes leer|también te puede interesar|lee también|lea también|ver también)"
        r"( más| también| además| completo)?(:|\|) ?.{0,200}",
        r"\W*(te puede interesar|lee también|lea también|leer más|ver más|te recomendamos|noticias relacionadas|artículos? relacionados?|más información|lo más (leído|visto)|más noticias)",
    ),
    "media": (
        r"(foto(grafía)?|imagen|crédito(s)?|fuente|ilustración)s? ?: ?.{1,120}|[^.]{1,160} [(/|] ?(efe|afp|reuters|europa press|getty)\)?",
    ),
    "contents": (r"(tabla de )?contenidos?|índice|en este artículo|en esta nota",),
    "promotion": (
        r"(compra|prueba|descarga) (ahora|gratis)|comprar ahora|más info|haz tu donación|dona ahora|contáctanos",
    ),
    "credit": (
        r"\(?(con información de|fuente ?:|con datos de) .{1,80}\)?|\(?(efe|afp|reuters|ap|europa press|ansa|dpa)\)?",
    ),
    "tags": (r"(etiquetas?|temas?|tags?|categorías?|palabras clave|archivado en|en este artículo)( ?:.{0,200})?",),
    "legal": (
        r"(©|\(c\)|copyright (by|\d{4})) .{1,200}|(todos los )?derechos reservados.{0,100}|(aviso legal|política de (privacidad|cookies)|términos y condiciones)( [|·] .{1,60})?",
    ),
    "bio": (
        r"(sobre (el|la) autora?|acerca de(l autor)?|quiénes somos).{0,60}|.{3,60} es (periodista|redactora?|corresponsal|columnista)\b.{0,200}",
    ),
}
