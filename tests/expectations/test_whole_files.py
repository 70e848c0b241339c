"""What happens to a delivery as a whole: one test a row of the contract's table of bad input."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from nte.tables.deliveries import INBOX_STRAYS
from nte.warehouse import open_warehouse
from tests.expectations.house import COLUMNS, DAY, House, ae_row, csv_text, emas_row, police_row

ROWS = [police_row(n) for n in range(1, 6)]
NAME = f"police_{DAY}.csv"


def assert_heals(house: House) -> None:
    """The next good delivery of the same name is accepted whole."""
    house.put_day("police", ROWS, n_rows=5)
    assert house.check_one().verdict == "accepted"
    assert house.conform() == 5
    assert house.names("inbox") == []


def test_a_good_delivery_of_each_source_is_accepted_and_waits_in_the_inbox_for_its_use(house: House) -> None:
    for source, row in (("police", police_row()), ("emas", emas_row()), ("ae", ae_row())):
        house.put_day(source, [row], n_rows=1)
        assert house.check_one(source).verdict == "accepted"
        assert house.check(source).checked == ()
        assert house.conform(source) == 1
    assert house.reasons() == {}
    assert house.names("inbox") == []
    assert f"police/{NAME}" in house.names("accepted")
    assert f"police/police_{DAY}.json" in house.names("accepted")


def test_the_same_bytes_again_under_any_name_are_already_seen_and_change_nothing(house: House) -> None:
    house.put_day("police", ROWS)
    house.check()
    house.conform()
    before = house.deliveries()
    house.put_day("police", ROWS)
    house.put_day("police", ROWS, DAY + timedelta(days=1))
    assert [c.verdict for c in house.check().checked] == ["already_seen", "already_seen"]
    assert house.deliveries().equals(before)
    assert house.conform() == 0
    assert house.names("inbox") == []
    verdicts = house.verdicts()
    assert sorted(verdicts["verdict"]) == ["accepted", "already_seen", "already_seen"]
    assert house.check().checked == ()


def test_a_missing_column_rejects_the_delivery_and_names_the_column(house: House) -> None:
    columns = [name for name in COLUMNS["police"] if name not in ("ho_code", "status")]
    house.put(NAME, csv_text(ROWS, columns=columns))
    checked = house.check_one()
    assert checked.verdict == "rejected"
    assert checked.n_accepted == 0
    assert checked.summary == (
        f"{NAME}: 2 columns are missing (status, ho_code). Kept in rejected/police; ask the provider to send it again."
    )
    assert house.reasons() == {("columns_missing", ""): 5}
    assert house.names("rejected") == [f"police/{NAME}"]
    assert_heals(house)


def test_a_delimiter_that_hides_the_columns_rejects_the_delivery(house: House) -> None:
    house.put(NAME, csv_text(ROWS, delimiter="^"))
    checked = house.check_one()
    assert checked.verdict == "rejected"
    assert "19 columns are missing" in checked.summary
    assert "another delimiter, or no header" in checked.summary
    assert "OC0000" not in house.messages()
    assert_heals(house)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "it is empty"), (b'crime_ref,status\n"never closed,1\n', "never closed")],
)
def test_what_cannot_be_read_is_rejected_saying_why(house: House, content: bytes, said: str) -> None:
    house.put(NAME, content)
    checked = house.check_one()
    assert checked.verdict == "rejected"
    assert said in checked.summary
    assert "Kept in rejected/police; ask the provider to send it again" in checked.summary
    assert house.reasons() == {("unreadable", ""): 0}
    assert house.names("rejected") == [f"police/{NAME}"]
    assert_heals(house)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\x01\x02\x03", "not text"),
        (b"PK\x03\x04 a workbook", "a zip archive or a workbook, cut short or damaged"),
        ("crime_ref,status\n".encode("utf-16")[:-1], "UTF-16"),
        (b"\x1f\x8b\x08\0", "a gzip archive"),
    ],
)
def test_what_is_no_text_cannot_be_searched_and_leaves_only_a_receipt(
    house: House, content: bytes, said: str
) -> None:
    house.put(NAME, content)
    checked = house.check_one()
    assert checked.verdict == "rejected"
    assert said in checked.summary
    assert "nothing of it was kept but a receipt in rejected/police" in checked.summary
    assert house.reasons() == {("not_text", ""): 0}
    (name,) = house.names("rejected")
    receipt = json.loads((house.home / "rejected" / name).read_text())
    assert (receipt["why"], receipt["n_bytes"]) == ("it is no text; the file was removed", len(content))
    assert house.names("inbox") == []
    assert_heals(house)


def test_a_header_without_rows_and_a_manifest_that_says_0_is_a_covered_quiet_span(house: House) -> None:
    house.put_day("police", [], n_rows=0)
    house.put_day("police", [], DAY + timedelta(days=1), n_rows=0)
    assert [c.verdict for c in house.check().checked] == ["accepted", "accepted"]
    house.conform()
    house.put_day("police", [], n_rows=0)
    assert house.check_one().verdict == "already_seen"
    assert house.deliveries().height == 2


def test_a_header_without_rows_and_without_a_manifest_is_rejected(house: House) -> None:
    house.put_day("police", [])
    checked = house.check_one()
    assert checked.verdict == "rejected"
    assert "a quiet day and a failed export look alike" in checked.summary
    assert_heals(house)


@pytest.mark.parametrize("n_declared", [4, 10])
def test_a_row_count_other_than_the_manifests_rejects_the_delivery(house: House, n_declared: int) -> None:
    house.put_day("police", ROWS, n_rows=n_declared)
    checked = house.check_one()
    assert checked.verdict == "rejected"
    assert checked.summary == (
        f"{NAME}: 5 rows, its manifest says {n_declared}: cut short or doubled. Kept in rejected/police; "
        "ask the provider to send it again."
    )
    assert house.names("rejected") == [f"police/{NAME}", f"police/police_{DAY}.json"]
    assert_heals(house)


def test_rejected_bytes_are_checked_again_when_they_come_with_a_right_manifest(house: House) -> None:
    house.put_day("police", ROWS, n_rows=4)
    assert house.check_one().verdict == "rejected"
    house.put_day("police", ROWS, n_rows=5)
    assert house.check_one().verdict == "accepted"
    assert house.reasons() == {}
    assert sorted(house.verdicts()["verdict"]) == ["accepted", "rejected"]


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("no json", "is not JSON"),
        ('{"feed": "ae", "rows": 5}', "belongs to another feed"),
        ('{"feed": "police", "rows": "5"}', "gives no whole number as rows"),
        (
            '{"rows": 5, "covers_from": "2026-03-25T06:00", "covers_to": "2026-03-24T06:00"}',
            "accounts for no time",
        ),
        ('{"rows": 5, "covers_from": "yesterday"}', "gives no time as covers_from"),
    ],
)
def test_a_manifest_that_cannot_be_is_rejected_saying_why(house: House, manifest: str, said: str) -> None:
    path = house.put_day("police", ROWS)
    path.with_suffix(".json").write_text(manifest)
    checked = house.check_one()
    assert checked.verdict == "rejected"
    assert said in checked.summary
    assert_heals(house)


def test_a_manifest_says_which_span_a_delivery_accounts_for(house: House) -> None:
    span = {"covers_from": "2026-03-23T06:00", "covers_to": "2026-03-25T06:00"}
    house.put(NAME, csv_text(ROWS), n_rows=5, **span)
    house.check()
    delivery = house.deliveries().row(0, named=True)
    assert delivery["covers_from_at"] == datetime(2026, 3, 23, 6, tzinfo=UTC)
    assert delivery["covers_to_at"] == datetime(2026, 3, 25, 6, tzinfo=UTC)
    assert delivery["n_declared"] == 5


def test_without_a_manifest_a_day_covers_morning_to_morning_and_a_history_its_dates(house: House) -> None:
    house.put_day("police", ROWS)
    house.put("police_2026-03-01_2026-03-20.csv", csv_text([police_row(9, DAY - timedelta(days=9))]))
    house.check()
    spans = {
        r["is_history"]: (r["covers_from_at"], r["covers_to_at"])
        for r in house.deliveries().iter_rows(named=True)
    }
    assert spans[False] == (datetime(2026, 3, 24, 6, tzinfo=UTC), datetime(2026, 3, 25, 6, tzinfo=UTC))
    assert spans[True] == (datetime(2026, 3, 1, 6, tzinfo=UTC), datetime(2026, 3, 21, 6, tzinfo=UTC))


def test_a_delivery_of_a_later_morning_is_not_touched(house: House) -> None:
    house.put_day("police", ROWS)
    summary = house.check(now=datetime(2026, 3, 25, 5, 59, tzinfo=UTC))
    assert (summary.checked, summary.n_later) == ((), 1)
    assert house.names("inbox") == [f"police/{NAME}"]


def test_a_history_load_is_known_from_the_morning_after_its_last_date(house: House) -> None:
    house.put("police_2026-03-01_2026-03-25.csv", csv_text(ROWS))
    assert house.check(now=datetime(2026, 3, 26, 5, 59, tzinfo=UTC)).checked == ()
    assert len(house.check(now=datetime(2026, 3, 26, 6, 0, tzinfo=UTC)).checked) == 1


def test_deliveries_are_taken_oldest_first(house: House) -> None:
    for days in (3, 1, 2):
        day = DAY + timedelta(days=days)
        house.put_day("police", [police_row(days, day)], day)
    names = [c.file_name for c in house.check().checked]
    assert names == sorted(names)


def test_what_is_no_delivery_is_left_alone_with_a_reason(house: House) -> None:
    folder = house.put_day("police", ROWS).parent
    (folder / "police_2026-03-26.csv.part").write_text("growing")
    (folder / ".police_2026-03-26.csv").write_text("hidden")
    (folder / "<!channel>.csv").write_text("shouting")
    (folder / "police_2026-02-31.csv").write_text("no such day")
    (folder / "police_2026-03-27.csv").mkdir()
    (folder / "police_2026-03-28.csv").symlink_to(folder / NAME)
    with (folder / "police_2026-03-29.csv").open("w") as growing:
        growing.write("half a ro")
        growing.flush()
        summary = house.check()
    assert [c.file_name for c in summary.checked] == [NAME]
    assert sorted(summary.left_alone) == [
        ".police_2026-03-26.csv: a hidden file",
        "__channel_.csv: its name fits no feed; the provider must name it as agreed",
        "police_2026-02-31.csv: its name fits no feed; the provider must name it as agreed",
        "police_2026-03-26.csv.part: still being written, by its name",
        "police_2026-03-27.csv: not a file",
        "police_2026-03-28.csv: a link, not a file",
        "police_2026-03-29.csv: still being written; taken when it has stopped",
    ]


def test_most_rows_at_fault_condemn_the_delivery_not_the_rows(house: House) -> None:
    rows = [police_row(n, committed_from="25/03/2026 01:00", committed_to="") for n in range(1, 5)]
    house.put_day("police", rows)
    checked = house.check_one()
    assert checked.verdict == "rejected"
    assert "4 of 4 rows are at fault (4 by time unreadable in committed_from)" in checked.summary
    assert house.quarantine() == []
    assert_heals(house)


def test_a_summary_for_xcom_is_json_and_holds_the_lines_for_ops(house: House) -> None:
    house.put_day("police", ROWS, n_rows=4)
    told = json.loads(json.dumps(house.check().for_people()))
    assert told["files"] == 1
    assert told["rejected"] == [house.verdicts()["summary"][0]]


@pytest.mark.parametrize(("days", "is_named"), [(40, False), (90, True), (365 * 36, True)])
def test_a_file_that_is_dated_far_ahead_is_named_and_the_next_days_of_a_backlog_are_not(
    house: House, days: int, is_named: bool
) -> None:
    ahead = DAY + timedelta(days=days)
    house.put_day("police", ROWS, ahead)
    house.check()
    with open_warehouse(house.settings) as warehouse:
        named = warehouse.read(INBOX_STRAYS)["name"].to_list()
    assert named == ([f"police_{ahead}.csv"] if is_named else [])
