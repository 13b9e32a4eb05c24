"""From the bytes of a page, or a text in hand, to an article. Pure: no clock, no store, no network.

The doors are :func:`storyfold.articles.digest.digest_page` and :func:`~storyfold.articles.digest.digest_text`;
``docs/cleaning.md`` has the theory and where each threshold comes from.
"""
