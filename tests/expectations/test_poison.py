"""Whatever is in a file, it is a verdict on that file: the rest of the inbox goes on."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from cli.status import show_status
from expectations.manifest import UnreadableManifest, read_manifest
from nte.area import Area
from nte.area_files import load_area
from nte.deliveries.inbox import arrival_at, scan_inbox
from nte.errors import AreaError
from nte.tables.counts import NIGHT_COUNTS
from nte.tables.deliveries import VERDICTS
from nte.warehouse import open_warehouse
from tests.areas import derbyshire
from tests.expectations.house import COLUMNS, DAY, House, Row, csv_text, emas_row, police_row
from transforms.steps import count_nights

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NAMES = [
    "*", "^.*$", "^crime.*$", "^$", "place_code", "place_basis", "place_confidence", "row_number", "night",
    "occurred_at", "time_basis", "happened_on", "source", "record_id", "incident_id", "known_at", "delivery_id",
    "is_withdrawn", "state", "offence_code", "_from", "_to", "_fallback", "_is_whole", "_is_placed",
    "_has_real_hours", "committed_from__is_a_time", "column_1", "column_20", "cell", "literal", "rule", "len",
    "x", "y", "__index__", "\u202e", "a" * 5000,
]  # fmt: skip
"""Names of ours, of patterns, and of nothing at all."""


def with_columns(rows: list[Row], names: list[str]) -> str:
    cells = dict.fromkeys(names, "x")
    return csv_text([row | cells for row in rows], columns=[*COLUMNS["police"], *names])


def take_everything(house: House) -> dict[str, str]:
    """Run every step from the inbox to the counts; return the verdict of each file."""
    for source in house.area.sources:
        house.check(source, NOW)
        house.conform(source)
    count_nights(house.settings, house.area, NOW)
    with open_warehouse(house.settings) as warehouse:
        return dict(warehouse.read(VERDICTS).select("file_name", "verdict").iter_rows())


def counted(house: House, source: str, evening: date) -> int:
    with open_warehouse(house.settings) as warehouse:
        found = warehouse.read(
            NIGHT_COUNTS,
            "source = ? AND evening = ? AND definition = 'nte-violence' AND centre_code = 'derby'",
            [source, evening],
        )
    return int(found["n_incidents"].sum())


def test_a_further_column_is_in_no_ones_way_whatever_it_is_called(house: House) -> None:
    house.put_day_text(DAY, with_columns([police_row()], NAMES))
    house.put_day_text(DAY - timedelta(days=1), with_columns([police_row(2, DAY - timedelta(days=1))], ["*"]))
    assert set(take_everything(house).values()) == {"accepted"}
    assert counted(house, "police", DAY - timedelta(days=1)) == 1
    assert counted(house, "police", DAY - timedelta(days=2)) == 1


@given(name=st.text(st.characters(exclude_characters='\r\n",;\t|\0', exclude_categories=["Cs"]), min_size=1))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_of_a_column_takes_the_place_of_one_of_the_contract(name: str, area: Area) -> None:
    from nte.deliveries.text import read_delivery
    from transforms.records import conform_records

    source = area.sources["police"]
    if name.strip() in COLUMNS["police"]:
        return
    text = read_delivery(with_columns([police_row()], [name]).encode(), source)
    known = {"delivery_id": "d", "known_at": NOW}
    record = conform_records(text.frame, source, area, known=known).row(0, named=True)
    assert (record["place_code"], record["time_basis"]) == ("derby", "window_midpoint")


ABSURD = [
    "[" * 100_000 + "]" * 100_000,
    '{"rows": ' + "[" * 100_000 + "]" * 100_000 + "}",
    '{"a": ' * 50_000 + "1" + "}" * 50_000,
    "",
    "null",
    "true",
    "[]",
    '"police"',
    "\ufeff{",
    '{"rows": ' + "9" * 5000 + "}",
    '{"rows": 99999999999999999999}',
    '{"rows": 103, "rows": 5}',
    '{"rows": 103, " Rows": 5}',
    '{"more": {"a": 1, "a": 2}, "rows": 5}',
    '{"rows": 1e3}',
    '{"rows": 1e400}',
    '{"rows": NaN}',
    '{"rows": -Infinity}',
    '{"rows": true}',
    '{"rows": "1"}',
    '{"rows": -1}',
    '{"rows": [1]}',
    '{"feed": ["police"]}',
    '{"covers_from": "0001-01-01T00:00:00+14:00"}',
    '{"covers_to": "9999-12-31T23:59:59-14:00"}',
    '{"covers_from": "99999-01-01"}',
    '{"covers_from": 20260324}',
    '{"covers_to": {"a": 1}}',
    '{"covers_from": "2026-03-24T06:00:00", "covers_to": "2026-03-20T06:00:00"}',
]


@pytest.mark.parametrize("said", ABSURD)
def test_an_absurd_manifest_is_refused_in_words(said: str, area: Area) -> None:
    arrival = arrival_at(Path(f"police_{DAY}.csv"), area.sources["police"], area)
    assert arrival
    with pytest.raises(UnreadableManifest):
        read_manifest(said.encode(), arrival, area)


def test_a_number_of_many_digits_is_said_to_be_too_great_where_it_is_read(area: Area) -> None:
    arrival = arrival_at(Path(f"police_{DAY}.csv"), area.sources["police"], area)
    assert arrival
    with pytest.raises(UnreadableManifest, match="a number of rows that no delivery can have"):
        read_manifest(b'{"rows": ' + b"9" * 5000 + b"}", arrival, area)
    assert read_manifest(b'{"rows": 5, "n": ' + b"9" * 5000 + b"}", arrival, area).n_declared == 5


def test_an_absurd_manifest_stops_its_own_file_alone(house: House) -> None:
    for n, said in enumerate(ABSURD):
        day = DAY - timedelta(days=n + 1)
        house.put_day_text(day, csv_text([police_row(n, day)])).with_suffix(".json").write_text(said)
    house.put_day("police", [police_row(99)])
    house.put_day("emas", [emas_row()])
    verdicts = take_everything(house)
    assert verdicts.pop(f"police_{DAY}.csv") == verdicts.pop(f"emas_{DAY}.csv") == "accepted"
    assert set(verdicts.values()) == {"rejected"}
    assert counted(house, "police", DAY - timedelta(days=1)) == 1
    assert counted(house, "emas", DAY - timedelta(days=1)) == 1


NO_FEEDS = [
    "police_0001-01-01.csv",
    "police_9999-12-31.csv",
    "police_0001-01-01_9999-12-31.csv",
    "police_2026-03-25_9999-12-31.csv",
    "police_1999-03-25.csv",
    "police_2026-02-30.csv",
    "[red]police_2026-03-25.csv",
    "[bold]x",
    os.fsdecode(b"police_\xff\xfe.csv"),
    "police_2026-03-25.csv\n",
]


def test_a_name_that_no_feed_has_is_left_alone_and_shown(house: House) -> None:
    house.put_day("police", [police_row()])
    for name in NO_FEEDS:
        (house.settings.inbox_folder / "police" / name).write_text("x")
    assert take_everything(house) == {f"police_{DAY}.csv": "accepted"}
    left = scan_inbox(house.settings.inbox_folder, house.area, NOW).left_alone
    assert sorted(one.path.name for one in left) == sorted(NO_FEEDS)
    assert all(
        one.why.startswith("its name fits no feed; the provider must name it as agreed") for one in left
    )
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        show_status(Console(file=nowhere), house.settings, house.area, NOW)


def test_a_file_that_goes_between_its_check_and_its_use_stops_no_other(house: House) -> None:
    other = DAY - timedelta(days=1)
    gone = house.put_day("police", [police_row(1, other)], other)
    house.put_day("police", [police_row(2)])
    house.check()
    gone.unlink()
    assert house.conform() == 1
    verdicts = dict(house.verdicts().select("file_name", "verdict").iter_rows())
    assert verdicts == {gone.name: "rejected", f"police_{DAY}.csv": "accepted"}
    assert "changed or taken away after its check" in house.messages()


def broken(house: House, **facts: object) -> House:
    """The house with an area in which the police's files bring a step down."""
    police = house.area.sources["police"].model_copy(update=facts)
    return House(
        house.settings, house.area.model_copy(update={"sources": house.area.sources | {"police": police}})
    )


def test_a_file_that_brings_a_step_down_is_refused_by_the_kind_of_error_alone(house: House) -> None:
    house.put_day("police", [police_row()])
    house.put_day("emas", [emas_row()])
    verdicts = take_everything(broken(house, encodings=("no such encoding",)))
    assert verdicts == {f"police_{DAY}.csv": "rejected", f"emas_{DAY}.csv": "accepted"}
    assert "it could not be checked (LookupError)" in house.messages()
    again = DAY + timedelta(days=1)
    house.put_day("police", [police_row(2, again)], again)
    verdicts = take_everything(broken(house, crs="no such system"))
    assert verdicts[f"police_{again}.csv"] == "rejected"
    assert "it could not be used (CRSError)" in house.messages()
    assert "OC0000" not in house.messages()
    assert house.names("inbox") == []
    assert house.names("rejected") == [f"police/police_{DAY}.csv", f"police/police_{again}.csv"]


def test_a_manifest_beside_a_hidden_folder_or_an_unreadable_one_stops_nothing(house: House) -> None:
    house.put_day("police", [police_row()])
    folder = house.settings.inbox_folder / "police"
    (folder / f"police_{DAY}.json").mkdir()
    (folder / "police_2026-03-20.json").symlink_to("/nowhere")
    (folder / "police_2026-03-19.json").write_text(json.dumps({"rows": 1}))
    assert take_everything(house) == {f"police_{DAY}.csv": "accepted"}


@pytest.mark.parametrize("name", ["*", "^.*$", "row_number", "column_7", "_from", "seen__is_a_time", " "])
def test_a_contract_cannot_name_a_column_as_this_service_does(name: str, tmp_path: Path) -> None:
    import shutil

    from tests.areas import DERBYSHIRE

    folder = shutil.copytree(DERBYSHIRE, tmp_path / "area")
    told = (
        (folder / "area.toml").read_text().replace('place_text = "place_text"', f'place_text = "{name}"', 1)
    )
    (folder / "area.toml").write_text(told)
    with pytest.raises(AreaError, match="cannot be told from a name of this service"):
        load_area(folder)


def test_a_contract_may_use_our_own_words(house: House) -> None:
    """A force that calls its columns as our records are called is read like any other."""
    police = derbyshire().sources["police"]
    ours = {"committed_from": "occurred_at", "district": "place_code", "ho_code": "night", "easting": "state"}
    columns = {role: ours.get(name, name) for role, name in police.columns.by_role().items()}
    renamed = police.model_copy(update={"columns": type(police.columns)(**columns), "order": ()})
    area = house.area.model_copy(update={"sources": house.area.sources | {"police": renamed}})
    header = [ours.get(name, name) for name in COLUMNS["police"]]
    row = {ours.get(name, name): cell for name, cell in police_row().items()}
    house.put_day_text(DAY, csv_text([row], columns=header))
    there = House(house.settings, area)
    assert take_everything(there) == {f"police_{DAY}.csv": "accepted"}
    assert counted(there, "police", DAY - timedelta(days=1)) == 1
