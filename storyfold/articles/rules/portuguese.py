# ruff: noqa: E501  (a pattern a line: wrapped ones are harder to read)
"""Portuguese rows; see english.py."""

_MONTH = r"(janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)"
_DATE = rf"([\w-]+, )?\d{{1,2}}º? de {_MONTH} de \d{{4}}(,?( às)? \d{{1,2}}[:h] ?\d\d)?"

ROWS: dict[str, tuple[str, ...]] = {
    "ad": (r"publicidade|anúncios?|continua (após|depois d)a publicidade",),
    "platform": (
        r"tecnologia do blogger|(postagens? mais (recentes?|antigas?)|página inicial| )+|postado por .{1,60}",
    ),
    "comments": (
        r"(nenhum|sem|\d+|um) comentários?|comentários?( ?\(\d+\))?|(postar|deixe|enviar|escrever) (um|seu) comentário",
    ),
    "share": (
        r"(compartilhar|compartilhe|partilhar)( (no|via|por) (facebook|twitter|x|whatsapp|telegram|e-?mail))?|imprimir|copiar link",
    ),
    "date": (
        rf"((publicado|atualizado|postado)( em)?:? ?)*{_DATE}|tempo de leitura:? .{{1,20}}|há \d+ (minuto|hora|dia|semana|mês|ano)(e?s)?",
    ),
    "byline": (r"(por|texto:?|redação)( [\w.'-]+){1,5}",),
    "follow": (r"(assine|inscreva-se|cadastre-se|siga-nos|receba)( .{1,120})?",),
    "read-more": (
        r"\W*(leia|veja|saiba|confira) (também|mais|ainda)(:? .{1,200})?|(notícias|matérias|artigos) relacionad[ao]s|mais lidas",
    ),
    "media": (r"(foto|imagem|crédito|reprodução)s? ?: ?.{1,120}",),
    "tags": (r"(tags?|marcadores|assuntos|palavras-chave|categorias?)(:.{0,200})?",),
    "legal": (r"(todos os )?direitos reservados.{0,100}",),
}
