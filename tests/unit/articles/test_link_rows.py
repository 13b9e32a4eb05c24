from storyfold.articles.link_rows import LinkRows

ROWS = LinkRows(["pier", "ferry", "harbour", "pier2"])


def test_a_link_and_a_row_of_links_are_counted() -> None:
    assert list(ROWS.counts(["ferry", "pierferry", "ferryharbourpier2"])) == [1, 2, 3]


def test_what_begins_or_ends_in_the_midst_of_a_link_is_no_row() -> None:
    assert list(ROWS.counts(["erryharbour", "ferryharb", "pierharbour", ""])) == [0, 0, 0, 0]


def test_words_that_stand_in_the_midst_of_a_link_before_are_found_where_they_are_a_row() -> None:
    assert list(LinkRows(["apierferry", "pier", "ferry"]).counts(["pierferry"])) == [2]
