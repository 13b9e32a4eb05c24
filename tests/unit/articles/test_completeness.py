from storyfold.articles.completeness import fuller_text

WORDS = ["harbour", "boat", "council", "pier", "night", "storm", "crew", "sail", "mast", "wind", "rope", "bell", "wave"]
LINES = [
    " ".join(WORDS[(n * 5 + i * (n + 1)) % len(WORDS)] + str(n) for i in range(14)).capitalize() + "."
    for n in range(12)
]
SHORT = "Menu Home News Sport"


def test_a_hole_of_prose_is_filled_in_its_place() -> None:
    found = "\n".join(LINES[:4] + LINES[8:])
    assert fuller_text(found, "\n\n".join(LINES), None) == "\n".join(LINES)


def test_a_hole_without_prose_is_left() -> None:
    found = "\n".join(LINES)
    other = "\n".join([*LINES[:4], SHORT, "Share", "Subscribe to our letter", *LINES[4:]])
    assert fuller_text(found, other, None) == found


def test_what_comes_before_the_text_is_never_added() -> None:
    found = "\n".join(LINES[6:])
    assert fuller_text(found, "\n".join(LINES), None) == found


def test_what_follows_is_added_only_when_it_is_as_long_as_the_rest() -> None:
    assert fuller_text("\n".join(LINES[:10]), "\n".join(LINES), None) == "\n".join(LINES[:10])
    assert fuller_text("\n".join(LINES[:5]), "\n".join(LINES), None) == "\n".join(LINES)


def test_an_edited_form_of_a_line_that_is_there_is_not_added_again() -> None:
    other = "\n".join(line.replace(" ", " (LND.X), opens new tab, ", 1) for line in LINES)
    assert fuller_text("\n".join(LINES), other, None) == "\n".join(LINES)


def test_nearly_nothing_is_replaced() -> None:
    assert fuller_text("", "\n".join(LINES), None) == "\n".join(LINES)


def test_the_pages_own_body_is_taken_when_most_of_it_was_lost() -> None:
    body = "\n".join(LINES)
    assert fuller_text("\n".join(LINES[:3]), "", body) == body
    assert fuller_text("\n".join(LINES[:9]), "", body) == "\n".join(LINES[:9])


def test_bullets_become_those_of_the_main_extractor() -> None:
    assert fuller_text("", "• one thing\n• another thing", None) == "- one thing\n- another thing"
