"""What a receptionist typed, and which town centre it names: a table that a person can check."""

import pytest

from tests.areas import derbyshire
from transforms.place_text import build_gazetteer

GAZETTEER = build_gazetteer(derbyshire())
RTG = frozenset(c.centre_code for c in derbyshire().current_centres if "RTG" in c.sites.get("ae", ()))

NAMED = [
    ("The Iron Otter", "derby"),
    ("THE IRON OTTER", "derby"),
    ("the iron ottr", "derby"),  # a letter lost
    ("The rIon Otter", "derby"),  # two letters swapped
    ("TheIron Otter", "derby"),  # a space lost
    ("outside The Iron Otter", "derby"),
    ("outsdieThe Iron Otter", "derby"),
    ("near the iron otter, derby", "derby"),
    ("The Iron Otter Derby", "derby"),
    ("The Marble Beacon Chestrefield", "chesterfield"),
    ("High Street, Swadlincote", "swadlincote"),
    ("HIGH STREET SWADLINCOTE", "swadlincote"),
    ("Market Place, Long Eaton", "long-eaton"),
    ("Market Place Long", "long-eaton"),  # cut off
]
NOT_NAMED = [
    "", "?", "home address", "not known", "country lane", "n/a", "unknown", "pub", "nightclub", "street", "the", "Derby",
    "in town", "High Street",  # which of twelve?
    "The Red Lion", "The Red Lion Chesterfield", "Station Road, Nottingham", "Chapel", "The Iron",
    "x" * 1_000_000, "'; DROP TABLE records; --", "<!channel>", "\x00\x07",
]  # fmt: skip


@pytest.mark.parametrize(("text", "centre"), NAMED)
def test_a_text_that_names_a_place_is_placed(text: str, centre: str) -> None:
    match = GAZETTEER.match([text], [RTG])[0]
    assert match is not None
    assert match.centre_code == centre
    assert 0.85 <= match.confidence <= 1


@pytest.mark.parametrize("text", NOT_NAMED, ids=lambda text: text[:20] or "empty")
def test_a_text_that_names_no_place_is_not_placed(text: str) -> None:
    assert GAZETTEER.match([text], [RTG]) == [None]


def test_a_street_of_several_towns_is_placed_when_the_hospital_serves_one_of_them() -> None:
    several = [frozenset({"heanor"}), frozenset({"heanor", "ripley"}), frozenset[str]()]
    found = GAZETTEER.match(["high street"] * 3, several)
    assert [match.centre_code if match else None for match in found] == ["heanor", None, None]


def test_the_answer_for_a_text_does_not_depend_on_the_others() -> None:
    texts = [text for text, _ in NAMED]
    together = GAZETTEER.match(texts, [RTG] * len(texts))
    assert together == [GAZETTEER.match([text], [RTG])[0] for text in texts]
