"""What happens to single rows: set aside with a reason, or used with a warning."""

from datetime import date, timedelta

import pytest

from tests.expectations.house import DAY, House, Row, ae_row, csv_text, emas_row, police_row

GOOD = [police_row(n) for n in range(1, 6)]


def check_with(
    house: House, bad: Row, source: str = "police", good: list[Row] | None = None
) -> list[tuple[int, str, str]]:
    """Check five good rows and a bad sixth; return what was set aside."""
    house.put_day(source, [*(good or GOOD), bad], n_rows=6)
    checked = house.check_one(source)
    assert checked.verdict == ("accepted_with_quarantine" if house.quarantine() else "accepted")
    assert checked.n_accepted + checked.n_quarantined == 6
    assert house.conform(source) == checked.n_accepted
    return house.quarantine()


@pytest.mark.parametrize(
    ("cells", "rule", "column"),
    [
        ({"crime_ref": ""}, "key_missing", "crime_ref"),
        ({"record_version": ""}, "version_invalid", "record_version"),
        ({"record_version": "1.5"}, "version_invalid", "record_version"),
        ({"record_version": "0"}, "version_invalid", "record_version"),
        ({"status": "lost"}, "state_unknown", "status"),
        ({"status": ""}, "state_unknown", "status"),
        ({"committed_to": "2026-03-24 22:09:59"}, "order_impossible", "committed_to"),
        ({"committed_from": "1999-12-31 23:59:59"}, "time_impossible", "committed_from"),
        ({"committed_from": "2026-03-25 06:00:01", "committed_to": ""}, "time_impossible", "committed_from"),
        (
            {"committed_from": "2026-03-25 05:00:00", "committed_to": "2026-03-25 07:00:02"},
            "time_impossible",
            "committed_to",
        ),
        ({"committed_from": "24/03/2026 22:10"}, "time_unreadable", "committed_from"),
        ({"committed_from": "2026-02-30 22:10:00"}, "time_unreadable", "committed_from"),
        ({"recorded_at": "soon"}, "time_unreadable", "recorded_at"),
    ],
)
def test_a_row_at_fault_is_set_aside_with_its_reason_and_the_others_are_used(
    house: House, cells: Row, rule: str, column: str
) -> None:
    assert check_with(house, police_row(6) | cells) == [(6, rule, column)]
    assert house.reasons("error") == {(rule, column): 1}
    assert "(row 6)" in house.messages()


def test_the_next_good_delivery_brings_back_what_was_set_aside(house: House) -> None:
    assert len(check_with(house, police_row(6, status="lost"))) == 1
    next_day = DAY + timedelta(days=1)
    house.put_day("police", [police_row(6, record_version="2")], next_day)
    assert house.check_one().verdict == "accepted"
    assert house.conform() == 1


def test_an_event_at_the_very_morning_of_the_delivery_is_possible(house: House) -> None:
    assert check_with(house, police_row(6, committed_to="2026-03-25 06:00:00")) == []


def test_when_a_record_was_last_modified_is_never_tested(house: House) -> None:
    assert check_with(house, police_row(6, last_modified_at="2031-01-01 00:00:00")) == []


def test_an_arrival_before_the_assault_is_set_aside(house: House) -> None:
    good = [ae_row(n) for n in range(1, 6)]
    bad = ae_row(6, arrival_at="2026-03-24 22:00:00")
    assert check_with(house, bad, "ae", good) == [(6, "order_impossible", "arrival_at")]


def test_an_empty_assault_time_is_no_fault(house: House) -> None:
    good = [ae_row(n) for n in range(1, 6)]
    assert check_with(house, ae_row(6, assault_at=""), "ae", good) == []


def test_an_ambulance_that_was_not_attended_is_no_fault_and_an_unknown_outcome_is(house: House) -> None:
    good = [emas_row(n, arrived_at="") for n in range(1, 6)]
    assert check_with(house, emas_row(6, outcome="vanished"), "emas", good) == [
        (6, "state_unknown", "outcome")
    ]


def test_a_row_with_more_or_fewer_fields_is_set_aside_and_never_lost(house: House) -> None:
    lines = csv_text(GOOD).splitlines()
    lines[2] += ",surplus"
    lines[4] = ",".join(lines[4].split(",")[:7])
    house.put(f"police_{DAY}.csv", "\n".join(lines) + "\n", n_rows=5)
    checked = house.check_one()
    assert (checked.n_rows, checked.n_accepted, checked.n_quarantined) == (5, 3, 2)
    assert house.quarantine() == [(2, "row_ragged", ""), (4, "row_ragged", "")]
    assert house.conform() == 3


def test_a_time_in_the_hour_that_the_clocks_skip_is_kept(house: House) -> None:
    day = date(2026, 3, 29)
    rows = [police_row(n, day) for n in range(1, 6)]
    rows.append(police_row(6, day, committed_from="2026-03-29 01:30:00", committed_to=""))
    house.put_day("police", rows, day)
    assert house.check_one().verdict == "accepted"
    assert house.conform() == 6


def test_a_time_in_the_hour_that_the_clocks_repeat_is_kept(house: House) -> None:
    day = date(2025, 10, 26)
    cells = {
        "committed_from": "2025-10-26 01:30:00",
        "committed_to": "2025-10-26 01:40:00",
        "reported_at": "2025-10-26 01:45:00",
        "recorded_at": "2025-10-26 02:45:00",
    }
    house.put_day("police", [police_row(n, day) | cells for n in range(1, 4)], day)
    assert house.check_one().verdict == "accepted"
    assert house.conform() == 3


@pytest.mark.parametrize(
    ("source", "cells", "column", "said"),
    [
        ("police", {"ho_code": "99Z"}, "ho_code", "99Z"),
        ("emas", {"triage_code": "31A"}, "triage_code", "31A"),
        (
            "emas",
            {"violence_class": "stabbing"},
            "violence_class",
            "1 more not repeated here, such as `xxxxxxxx`",
        ),
        (
            "police",
            {"flag_domestic": "zebedee"},
            "flag_domestic",
            "1 more not repeated here, such as `xxxxxxx`",
        ),
        ("ae", {"site_code": "ZEBE"}, "site_code", "1 more not repeated here, such as `XXXX`"),
        ("ae", {"site_code": "RX1"}, "site_code", "RX1"),
        ("police", {"flag_knife": "maybe so"}, "flag_knife", "1 more not repeated here"),
        ("police", {"ho_code": "<!channel> *bold*"}, "ho_code", "1 more not repeated here"),
    ],
)
def test_an_unknown_code_is_warned_of_and_its_row_kept(
    house: House, source: str, cells: Row, column: str, said: str
) -> None:
    row = {"police": police_row, "emas": emas_row, "ae": ae_row}[source]
    assert check_with(house, row(6) | cells, source, [row(n) for n in range(1, 6)]) == []
    assert house.reasons() == {("code_unknown", column): 1}
    assert said in house.messages()
    for hidden in ("<!channel>", "zebedee", "ZEBE"):
        assert hidden not in house.messages()


def test_coordinates_that_cannot_be_right_keep_their_row_and_are_warned_of_when_many(house: House) -> None:
    places = [("0", "0"), ("", ""), ("336200", "435300"), ("999999", "336200"), ("x", "y")]
    rows = [police_row(n, easting=x, northing=y) for n, (x, y) in enumerate(places, start=1)]
    house.put_day("police", [*rows, police_row(6)])
    checked = house.check_one()
    assert (checked.verdict, checked.n_accepted) == ("accepted", 6)
    assert house.reasons() == {("unplaced_unusual", "easting"): 5}
    assert house.conform() == 6


def test_a_record_twice_in_one_delivery_is_warned_of(house: House) -> None:
    check_with(house, police_row(5))
    assert house.reasons() == {("record_repeated", "crime_ref"): 2}


def test_columns_beyond_the_contract_are_read_past_and_named_by_their_place(house: House) -> None:
    text = csv_text([row | {"<script>": "x", "": ""} for row in GOOD], columns=[*GOOD[0], "<script>", ""])
    house.put(f"police_{DAY}.csv", text)
    assert house.check_one().verdict == "accepted"
    assert "2 columns that the contract does not name (number 20, 21)" in house.messages()
    assert "<script>" not in house.messages()


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>",
        "*bold*",
        "=HYPERLINK(1)",
        "../../x",
        "\x07\x1b[31m",
        "x" * 1_000_000,
        "line\r\nbreak",
        'a "b" c',
    ],
    ids=["ping", "bold", "formula", "path", "control", "megabyte", "newline", "quotes"],
)
def test_hostile_text_is_harmless_and_stands_in_no_message(house: House, text: str) -> None:
    good = [ae_row(n) for n in range(1, 6)]
    assert check_with(house, ae_row(6, place_text=text), "ae", good) == []
    assert text not in house.messages()


@pytest.mark.parametrize(
    ("encoding", "line_end", "delimiter"),
    [("utf-8", "\r\n", ","), ("utf-8-sig", "\n", ";"), ("cp1252", "\r\n", ";"), ("cp1252", "\n", "\t")],
)
def test_encodings_line_ends_and_delimiters_are_all_read(
    house: House, encoding: str, line_end: str, delimiter: str
) -> None:
    rows = [ae_row(n, place_text=f"Café, {delimiter} Zoë's\nbar") for n in range(1, 4)]
    text = csv_text(rows, "ae", delimiter).replace("\n", line_end)
    house.put(f"ae_{DAY}.csv", text.encode(encoding), n_rows=3)
    assert house.check_one("ae").verdict == "accepted"
    assert house.conform("ae") == 3


def test_british_dates_are_read_when_the_area_file_says_so_and_a_mixture_is_set_aside_row_by_row(
    house: House,
) -> None:
    british = house.area.sources["police"].model_copy(
        update={"time_formats": ("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S")}
    )
    house.area = house.area.model_copy(update={"sources": {**house.area.sources, "police": british}})
    cells = {
        "committed_from": "24/03/2026 22:10",
        "committed_to": "24/03/2026 22:20",
        "reported_at": "24/03/2026 23:00",
        "recorded_at": "25/03/2026 04:00",
    }
    good = [police_row(n) | cells for n in range(1, 6)]
    bad = police_row(6) | cells | {"committed_from": "2026-03-24 22:10:00"}
    assert check_with(house, bad, good=good) == [(6, "time_unreadable", "committed_from")]
    assert house.check().checked == ()
