"""A manifest that comes after its delivery, or is corrected, is used; what was known before stays as it was known."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from alerts.steps import announce_feeds
from expectations.late_manifests import says_otherwise
from nte.area import Area
from nte.deliveries.inbox import NO_MANIFEST_YET, arrival_at, is_fresh
from nte.due import read_deliveries, state_of_night
from nte.tables.alerts import OUTBOX
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.deliveries import EARLIER_SPANS
from nte.tables.progress import PROGRESS
from nte.tables.records import LEDGER
from nte.warehouse import open_warehouse
from nte.words import FeedState
from tests.expectations.house import DAY, House, csv_text, police_row
from transforms.coverage import Account, coverage_gaps, covered_since
from transforms.steps import count_nights

EARLY = DAY - timedelta(days=1)
NAME = f"police_{DAY}.csv"
NOW = datetime(2026, 3, 25, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=30)


def take(house: House, now: datetime = NOW) -> list[tuple[str, str]]:
    """Take what is in the inbox; return file and verdict of each."""
    done = house.check("police", now)
    house.conform()
    count_nights(house.settings, house.area, now)
    return [(c.file_name, c.verdict) for c in done.checked]


def do_morning(house: House, now: datetime = NOW) -> None:
    """Let the alerts of a morning be done, so that what it saw is past."""
    morning = house.area.clock.last_morning(now)
    row = {"morning": morning, "as_of": now, "done_at": now}
    with open_warehouse(house.settings) as warehouse:
        full = {name: row.get(name, "alerts") for name in PROGRESS.names}
        warehouse.merge(PROGRESS, pl.DataFrame([full], PROGRESS.schema))


def manifest(house: House, **said: object) -> None:
    (house.settings.inbox_folder / "police" / f"police_{DAY}.json").write_text(
        json.dumps({"feed": "police"} | said)
    )


def revisions(house: House, evening: date = EARLY) -> list[tuple[datetime, int | None]]:
    """Return the count of Derby's night as known from each instant on."""
    with open_warehouse(house.settings) as warehouse:
        found = warehouse.read(
            NIGHT_COUNT_REVISIONS,
            "centre_code = 'derby' AND source = 'police' AND definition = 'nte-violence' AND evening = ?",
            [evening],
        )
    return found.sort("known_at").select("known_at", "n_incidents").rows()


def ops(house: House, now: datetime) -> list[str]:
    """Return what ops have been told of feeds."""
    announce_feeds(house.settings, house.area, now)
    with open_warehouse(house.settings) as warehouse:
        return [m.replace("*", "") for m in warehouse.read(OUTBOX, "purpose = 'feed'")["message"]]


def summary(house: House) -> str:
    return str(house.verdicts().sort("decided_at")["summary"][-1])


def taken_without(house: House, n_rows: int = 59) -> datetime:
    """Take a delivery without a manifest and let its morning be done; return from when it is known."""
    house.put_day("police", [police_row(n) for n in range(n_rows)])
    assert take(house) == [(NAME, "accepted")]
    do_morning(house)
    return datetime(2026, 3, 25, 6, tzinfo=UTC)


def test_half_a_file_that_a_manifest_shows_to_be_short_leaves_its_night_unknown_from_then_on(
    house: House,
) -> None:
    morning = taken_without(house)
    manifest(house, rows=109)
    assert take(house, LATER) == [(NAME, "accepted")]
    assert summary(house) == (
        f"{NAME}: 59 rows used; a manifest that came later says otherwise: 59 rows, its manifest says 109: cut short or "
        "doubled; its rows stay, and its nights are not known."
    )
    assert revisions(house) == [(morning, 59), (LATER, None)]
    assert house.names("inbox") == []
    assert {f"police/{NAME}", f"police/police_{DAY}.json"} <= set(house.names("accepted"))
    with open_warehouse(house.settings) as warehouse:
        come = read_deliveries(warehouse.query, house.area, LATER)
        assert warehouse.read(LEDGER)["n_rows"].sum() == 59
    assert state_of_night(house.area, "police", EARLY, come, LATER) is FeedState.SHORT
    assert [
        m
        for m in ops(house, LATER)
        if "a manifest contradicts" in m and "59 rows, its manifest says 109" in m
    ]
    whole = LATER + timedelta(hours=1)
    house.put_day("police", [police_row(n) for n in range(109)], n_rows=109)
    assert take(house, whole) == [(NAME, "accepted")]
    assert revisions(house) == [(morning, 59), (LATER, None), (whole, 109)]
    assert [m for m in ops(house, whole) if "mended. The night of Tuesday 24 March is covered now" in m]


def test_a_manifest_that_comes_before_its_morning_is_done_is_known_from_that_morning(house: House) -> None:
    house.put_day("police", [police_row(n) for n in range(59)])
    take(house)
    manifest(house, rows=109)
    take(house, NOW + timedelta(minutes=30))
    assert [n for _, n in revisions(house)] == []
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.read(EARLIER_SPANS).is_empty()


def test_a_manifest_that_agrees_or_comes_again_changes_nothing_but_the_control_total(house: House) -> None:
    morning = taken_without(house)
    manifest(house, rows=59, covers_from=f"{EARLY}T06:00", covers_to=f"{DAY}T06:00")
    assert take(house, LATER) == [(NAME, "accepted")]
    assert revisions(house) == [(morning, 59)]
    assert house.deliveries()["n_declared"].to_list() == [59]
    manifest(house, rows=59, covers_from=f"{EARLY}T06:00", covers_to=f"{DAY}T06:00")
    assert take(house, LATER + timedelta(hours=1)) == []
    assert revisions(house) == [(morning, 59)]


def test_a_corrected_span_is_believed_from_then_on(house: House) -> None:
    before = EARLY - timedelta(days=1)
    house.put(NAME, csv_text([police_row(1), police_row(2, EARLY)]), n_rows=2, covers_from=str(EARLY))
    take(house)
    do_morning(house)
    assert revisions(house, before) == []
    manifest(house, rows=2, covers_from=str(before))
    assert take(house, LATER) == [(NAME, "accepted")]
    assert revisions(house, before) == [(LATER, 1)] or revisions(house, before)[-1] == (LATER, 1)
    shorter = LATER + timedelta(hours=1)
    manifest(house, rows=2, covers_from=f"{before}T20:00")
    assert take(house, shorter) == [(NAME, "accepted")]
    assert revisions(house, before)[-1] == (shorter, None)
    assert revisions(house)[-1][1] == 1
    assert count_nights(house.settings, house.area, shorter).n_revisions_new == 0


def test_a_late_manifest_with_its_delivery_again_is_used_too(house: House) -> None:
    taken_without(house, 4)
    house.put_day("police", [police_row(n) for n in range(4)], n_rows=8)
    assert take(house, LATER) == [(NAME, "accepted")]
    assert revisions(house)[-1] == (LATER, None)
    house.put_day("police", [police_row(n) for n in range(4)], n_rows=4)
    mended = LATER + timedelta(hours=1)
    assert take(house, mended) == [(NAME, "accepted")]
    assert [n for _, n in revisions(house)] == [4, None, 4]
    house.put_day("police", [police_row(n) for n in range(4)], n_rows=4)
    assert take(house, mended + timedelta(hours=1)) == [(NAME, "already_seen")]


def test_a_manifest_that_comes_alone_lets_a_refused_delivery_be_judged_again(house: House) -> None:
    house.put_day("police", [police_row(1)], n_rows=2)
    assert take(house) == [(NAME, "rejected")]
    manifest(house, rows=1)
    assert take(house) == [(NAME, "accepted")]
    assert [n for _, n in revisions(house)] == [1]
    assert house.names("inbox") == []


def test_a_manifest_that_cannot_be_read_later_leaves_the_nights_unknown_as_it_would_have_at_once(
    house: House,
) -> None:
    taken_without(house, 3)
    (house.settings.inbox_folder / "police" / f"police_{DAY}.json").write_text("{")
    assert take(house, LATER) == [(NAME, "accepted")]
    assert "its manifest is not JSON" in summary(house)
    assert revisions(house)[-1] == (LATER, None)


def test_a_manifest_of_a_delivery_that_nobody_knows_or_that_is_not_kept_stays_and_is_named(
    house: House,
) -> None:
    (house.settings.inbox_folder / "police").mkdir(parents=True)
    manifest(house, rows=1)
    assert take(house) == []
    assert house.check("police", NOW).left_alone == (
        f"police_{DAY}.json: a manifest whose delivery is not here",
    )
    taken_without(house, 1)
    (house.home / "accepted" / "police" / NAME).unlink()
    manifest(house, rows=7)
    assert take(house, LATER) == []
    assert house.names("inbox") == [f"police/police_{DAY}.json"]


def waiting(house: House, *, n_with: int) -> tuple[int, tuple[str, ...]]:
    """Put a file of three minutes, without a manifest, behind a week of which some had one; return what was done."""
    for n in range(7, 0, -1):
        day = DAY - timedelta(days=n)
        house.put_day("police", [police_row(n, day)], day, n_rows=1 if n <= n_with else None)
    house.check("police", NOW - timedelta(hours=12))
    house.conform()
    path = house.put_day("police", [police_row(9)])
    written = NOW.timestamp() - 180
    os.utime(path, (written, written))
    done = house.check("police", NOW)
    return len(done.checked), done.left_alone


def test_a_new_file_waits_a_little_for_the_manifest_that_its_feed_usually_sends(house: House) -> None:
    assert waiting(house, n_with=7) == (0, (f"{NAME}: {NO_MANIFEST_YET}",))
    eager = House(house.settings.model_copy(update={"manifest_wait_minutes": 0}), house.area)
    assert len(eager.check("police", NOW).checked) == 1


def test_a_file_of_a_feed_that_often_sends_no_manifest_does_not_wait(house: House) -> None:
    assert waiting(house, n_with=5) == (1, ())


@pytest.mark.parametrize(
    ("age", "is_so"), [(0, True), (599, True), (600, False), (90_000, False), (-1, False)]
)
def test_a_file_is_fresh_by_its_own_time_against_now_and_never_by_the_clock(
    age: int, is_so: bool, tmp_path: Path
) -> None:
    path = tmp_path / NAME
    path.write_text("x")
    written = NOW.timestamp() - age
    os.utime(path, (written, written))
    assert is_fresh(path, NOW, 600) is is_so
    assert not is_fresh(tmp_path / "gone", NOW, 600)


def at(day: int, hour: int = 6) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


OWN = Account(at(1), at(2), at(2))
GAPS = [
    ([OWN], []),
    ([Account(at(1), at(2), at(2), at(5))], [(at(5), None)]),
    ([Account(at(1), at(2), at(2), at(5)), Account(at(1), at(2), at(7))], [(at(5), at(7))]),
    ([Account(at(1), at(2), at(2), at(5)), Account(at(1), at(2), at(3))], []),
    ([Account(at(1), at(2), at(2), at(5)), Account(at(1), at(2), at(5))], []),
    ([Account(at(1), at(2), at(2), at(5)), Account(at(1), at(2), at(7), at(8))], [(at(5), at(7)), (at(8), None)]),
    ([Account(at(1), at(1, 23), at(2), at(5)), Account(at(1, 23), at(2), at(3))], [(at(5), None)]),
    ([Account(at(1), at(1, 23), at(2), at(5)), Account(at(1, 23), at(2), at(6))], None),
]  # fmt: skip


@pytest.mark.parametrize(("accounts", "expected"), GAPS)
def test_a_night_is_not_known_while_no_span_that_is_believed_accounts_for_it(
    accounts: list[Account], expected: list[tuple[datetime, datetime | None]] | None, area: Area
) -> None:
    evening = date(2026, 3, 1)
    since = covered_since(accounts, [evening], area.clock)
    if expected is None:
        assert since == {}
    else:
        assert coverage_gaps(accounts, since, area.clock) == [(evening, *gap) for gap in expected]


@pytest.mark.parametrize(
    ("said", "is_other"),
    [
        (None, False),
        ({"rows": 5}, False),
        ({"rows": 5, "covers_from": "2026-03-24", "covers_to": "2026-03-25T06:00Z"}, False),
        ({"rows": 6}, True),
        ({}, True),
        ({"rows": 5, "covers_from": "2026-03-23"}, True),
        ({"rows": "5"}, True),
    ],
)
def test_a_manifest_says_otherwise_only_by_its_span_or_its_rows(
    said: dict[str, object] | None,
    is_other: bool,
    area: Area,
) -> None:
    arrival = arrival_at(Path(NAME), area.sources["police"], area)
    assert arrival
    delivery = {"covers_from_at": at(24), "covers_to_at": at(25), "n_declared": 5}
    content = None if said is None else json.dumps(said).encode()
    assert says_otherwise(content, delivery, arrival, area) is is_other
