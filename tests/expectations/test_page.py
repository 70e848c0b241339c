"""The page of a delivery: readable, self-contained, without a value."""

import re

from expectations.messages import SAYINGS
from expectations.page import EXPECTED
from tests.expectations.house import House, police_row


def page_of(house: House) -> str:
    (name,) = [n for n in house.names("reports") if n.startswith("deliveries/")]
    return (house.home / "reports" / name).read_text()


def test_the_page_of_a_delivery_says_what_failed_in_which_rows_and_what_to_do_without_a_value(
    house: House,
) -> None:
    rows = [police_row(n) for n in range(1, 5)]
    house.put_day("police", [*rows, police_row(6, status="<b>Zebedee</b>"), police_row(7, ho_code="99Z")])
    house.check()
    page = page_of(house)
    assert "Accepted, some rows set aside" in page
    assert (
        "1 row set aside: status is none of the known ones (row 5). Add its values to live_states or withdrawn_states of "
        "[sources.police] in area.toml, or ask the provider (crime data team, Derbyshire Constabulary) what they mean"
        in page
    )
    assert "ho_code has values that the area file does not know: 99Z (row 6)" in page
    assert "crime_ref is filled" in page
    assert "Zebedee" not in page


def test_a_page_loads_nothing_from_anywhere(house: House) -> None:
    house.put_day("police", [police_row()])
    house.check()
    page = page_of(house)
    assert "Everything was as expected." in page
    assert not re.search(r"https?://|<script|<link|<img|@import|url\(", page)


def test_a_page_that_a_crash_prevented_is_written_by_the_next_run_and_a_new_verdict_replaces_it(
    house: House,
) -> None:
    house.put_day("police", [police_row()], n_rows=2)
    house.check()
    assert "Refused: no row is used" in page_of(house)
    for name in house.names("reports"):
        (house.home / "reports" / name).unlink()
    house.check()
    assert "Refused: no row is used" in page_of(house)
    house.put_day("police", [police_row()], n_rows=1)
    house.check()
    assert "Everything was as expected." in page_of(house)


def test_every_reason_of_a_verdict_has_words_on_the_page() -> None:
    assert sorted(SAYINGS.keys() - EXPECTED.keys()) == []
