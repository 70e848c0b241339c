"""A well-formed file whose rows say nothing of a night is no quiet night; a quiet one is."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest

from nte.deliveries.local_times import says_dates_only
from nte.sparse_lead import STRICT, n_lacking
from nte.tables.deliveries import NIGHTS_ASIDE
from nte.words import Fault
from tests.areas import derbyshire
from tests.expectations.house import Row, ae_row, emas_row, police_row
from transforms.coverage import accounts_of, covered_since, only_usable
from transforms.records import conform_records
from transforms.said import Said, Share, describe, look_over
from transforms.usability import Past, unusable_nights
from transforms.versions import ranked

AREA = derbyshire()
SUNDAY = date(2026, 3, 22)
"""The morning of the delivery that is looked at; no clock change near it."""
SATURDAY = SUNDAY - timedelta(days=1)
N_DAYS = 35
MAKE = {"police": police_row, "emas": emas_row, "ae": ae_row}
TIMES = {
    "police": ("committed_from", "committed_to"),
    "emas": ("call_connect_at", "arrived_at"),
    "ae": ("assault_at", "arrival_at"),
}
USUAL_ROWS = {"police": 50, "emas": 16, "ae": 8}
CODES = {
    "police": ("ho_code", ["8N", "8N", "8N", "8N", "105A", "105A", "105A", "34B", "5D", "62A"]),
    "emas": ("violence_class", ["assault", "assault", "assault", "assault", "penetrating", "none"]),
    "ae": ("site_code", ["RTG", "RTG", "RTG", "RFS"]),
}
TEXTS = {"RTG": ["The Iron Otter", "home address"], "RFS": ["The Velvet Falcon", "?"]}
Rows = list[Row]


def rows_of(source: str, day: date, seed: int, nights: int = 1) -> Rows:
    """Return a day's delivery, in the order of its events: two thirds of the last nights, a third of older ones."""
    rng = np.random.default_rng([seed, day.toordinal(), len(source)])
    rows = []
    for back in range(nights):
        n_rows = int(
            rng.poisson(USUAL_ROWS[source] * (1.5 if (day - timedelta(days=back)).weekday() in {5, 6} else 1))
        )
        for _ in range(n_rows):
            is_late = rng.random() < 0.33
            hours = float(rng.uniform(30, 200) if is_late else rng.beta(1.5, 4) * 14 + 24 * back)
            at = datetime.combine(day, datetime.min.time()) + timedelta(hours=6) - timedelta(hours=hours)
            rows.append(_row(source, day, at, rng))
    return sorted(rows, key=lambda row: row[TIMES[source][0]])


def _row(source: str, day: date, at: datetime, rng: np.random.Generator) -> Row:
    column, codes = CODES[source]
    cells = dict.fromkeys(TIMES[source], f"{at:%Y-%m-%d %H:%M:%S}") | {column: str(rng.choice(codes))}
    if source == "ae":
        cells["place_text"] = str(rng.choice(TEXTS[cells["site_code"]]))
    else:
        x, y = rng.integers(-9_000, 9_000, 2)
        near_derby = rng.random() < 0.5
        cells |= {
            "easting": str(435_200 + x // (20 if near_derby else 1)),
            "northing": str(336_200 + y // (20 if near_derby else 1)),
        }
    return MAKE[source](int(rng.integers(1, 10**8)), day) | cells


@dataclass(frozen=True)
class Taken:
    """A delivery as it was taken."""

    rows: Rows
    day: date
    nights: int = 1
    n_declared: int | None = 1
    aside: tuple[tuple[date, int, int], ...] = ()
    n_aside: int = 0


def look_at(source: str, taken: list[Taken]) -> list[Said]:
    """Return what deliveries say."""
    records, aside = [], []
    for one in taken:
        name = f"{source}_{one.day}"
        aside += [{"delivery_id": name, "evening": e, "n_rows": n, "n_untimed": m} for e, n, m in one.aside]
        records += _records_of(source, one)
    deliveries = [_delivery(source, one) for one in taken]
    come = pl.DataFrame(deliveries, infer_schema_length=None)
    found = ranked(pl.concat(records), come)
    return describe(
        come, look_over(found, come, AREA), found, pl.DataFrame(aside, NIGHTS_ASIDE.schema),
        {f"{source}_{one.day}": one.n_aside for one in taken}, source=AREA.sources[source], area=AREA,
    )  # fmt: skip


def _delivery(source: str, one: Taken) -> dict[str, object]:
    known = AREA.clock.morning_of(one.day)
    return {
        "delivery_id": f"{source}_{one.day}", "source": source, "covers_from_at": AREA.clock.morning_of(one.day - timedelta(days=one.nights)),
        "covers_to_at": known, "known_at": known, "is_history": False, "n_declared": one.n_declared,
    }  # fmt: skip


def _records_of(source: str, one: Taken) -> list[pl.DataFrame]:
    """Return the records of a delivery; none of one without rows."""
    if not one.rows:
        return []
    text = pl.DataFrame(one.rows).with_columns(pl.col(pl.String).replace("", None))
    text = text.with_columns(row_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    known = {"delivery_id": f"{source}_{one.day}", "known_at": AREA.clock.morning_of(one.day)}
    is_dates = says_dates_only(text, AREA.sources[source])
    return [conform_records(text, AREA.sources[source], AREA, known=known, has_dates_only=is_dates)]


@cache
def past(source: str, seed: int = 1) -> Past:
    """Return what five weeks of clean deliveries have taught."""
    days = [SUNDAY - timedelta(days=n) for n in range(N_DAYS, 0, -1)]
    learned = Past()
    for said in look_at(source, [Taken(rows_of(source, day, seed), day) for day in days]):
        learned.learn(said)
    return learned


def unusable(source: str, one: Taken, seed: int = 1) -> dict[date, Fault]:
    """Return the nights of a delivery that cannot be used."""
    [said] = look_at(source, [one, Taken([MAKE[source](1)], SUNDAY + timedelta(days=9))])[:1]
    found = unusable_nights(said, past(source, seed), AREA.sources[source], AREA.clock)
    return {finding.evening: finding.look.fault for finding in found}


def some(share: float, change: Callable[[Row], Row]) -> Callable[[Rows], Rows]:
    """Change this share of the rows, evenly."""
    return lambda rows: [
        row | (change(row) if int((n + 1) * share) > int(n * share) else {}) for n, row in enumerate(rows)
    ]


POINTS: dict[str, Callable[[Row], Row]] = {
    "swapped": lambda r: {"easting": r["northing"], "northing": r["easting"]},
    "degrees": lambda r: {"easting": f"{-1.4 - int(r['easting']) / 1e8:.6f}", "northing": "52.921"},
    "zeros": lambda _: {"easting": "0", "northing": "0"},
    "empty": lambda _: {"easting": "", "northing": ""},
    "constant": lambda _: {"easting": "435300", "northing": "336200"},
    "constant, outside any centre": lambda _: {"easting": "420000", "northing": "350000"},
    "kilometres": lambda r: {"easting": r["easting"][:3], "northing": r["northing"][:3]},
    "words": lambda _: {"easting": "see map", "northing": "see map"},
}
BAD_CODES: dict[str, Callable[[str], str]] = {
    "with a year": lambda code: f"{code}~26",
    "with noughts": lambda code: f"00{code}",
    "in words": lambda code: f"Offence {code}",
    "empty": lambda _: "",
    "small letters": lambda code: code.lower() + "x",
}
Case = tuple[str, str, Callable[[Rows], Rows], Fault]


def recoded(source: str, write: Callable[[str], str], *, only: str = "") -> Callable[[Row], Row]:
    """Write the codes of a source otherwise, all of them or one alone."""
    column, _ = CODES[source]
    return lambda row: {column: write(row[column])} if not only or row[column] == only else {}


def first(share: float) -> Callable[[Rows], Rows]:
    return lambda rows: rows[: int(len(rows) * share)]


def last(share: float) -> Callable[[Rows], Rows]:
    return lambda rows: sorted(rows, key=lambda row: row["committed_from"])[-int(len(rows) * share) :]


def without_hours(begin: int, end: int) -> Callable[[Rows], Rows]:
    """Leave out the rows that begin between two hours of a night."""
    return lambda rows: [r for r in rows if begin > int(r["committed_from"][11:13]) >= end]


def at_midnight(source: str) -> Callable[[Row], Row]:
    return at_hour(source, "00:00:00")


def two(change: Callable[[Row], Row]) -> Callable[[Rows], Rows]:
    """Change two rows, and leave out the others."""
    return lambda rows: [row | change(row) for row in rows[-2:]]


def at_hour(source: str, hour: str) -> Callable[[Row], Row]:
    return lambda row: {column: f"{row[column][:10]} {hour}" for column in TIMES[source]}


def years_before(source: str) -> Callable[[Row], Row]:
    return lambda row: {column: f"2025{row[column][4:]}" for column in TIMES[source]}


def half_days(source: str) -> Callable[[Row], Row]:
    """Write times as a spreadsheet leaves them that has lost AM and PM."""
    return lambda row: {
        column: f"{row[column][:11]}{(int(row[column][11:13]) - 1) % 12 + 1:02d}{row[column][13:]}"
        if int(row[column][11:13]) > 12
        else row[column]
        for column in TIMES[source]
    }


def rounded(metres: int) -> Callable[[Row], Row]:
    return lambda row: {n: str(round(int(row[n]) / metres) * metres) for n in ("easting", "northing")}


def always(**cells: str) -> Callable[[Row], Row]:
    return lambda _: cells


def _faults() -> Iterator[Case]:
    yield from (
        ("police", f"domestic said as '{word}'", some(1, always(flag_domestic=word)), Fault.FLAGS)
        for word in ("", "1", "true?")
    )
    for source in MAKE:
        for name, write in BAD_CODES.items():
            yield source, f"codes {name}", some(1, recoded(source, write)), Fault.CODES
        commonest = recoded(source, BAD_CODES["with a year"], only=CODES[source][1][0])
        yield source, "the commonest code", some(1, commonest), Fault.CODES
        yield source, "dates without hours", some(1, at_midnight(source)), Fault.TIMES
    for source in ("police", "emas"):
        for name, write in BAD_CODES.items():
            yield source, f"60 % of the codes {name}", some(0.6, recoded(source, write)), Fault.CODES
        for name, point in POINTS.items():
            yield (
                source,
                f"points {name}",
                some(1, point),
                Fault.ONE_PLACE if "constant" in name else Fault.PLACES,
            )
    for name, point in POINTS.items():
        if "constant" not in name:
            yield "police", f"60 % of the points {name}", some(0.6, point), Fault.PLACES
    yield "emas", "all of no class", some(1, always(violence_class="unknown")), Fault.NOT_COUNTED
    yield "emas", "none attended", some(1, always(outcome="hear_and_treat")), Fault.NOT_COUNTED
    yield "police", "all domestic", some(1, always(flag_domestic="Y")), Fault.NOT_COUNTED
    yield "police", "all harassment", some(1, always(ho_code="8L")), Fault.NOT_COUNTED
    yield "police", "one occurrence", some(1, always(occurrence_ref="OC")), Fault.INCIDENTS
    yield "police", "one occurrence for 60 %", some(0.6, always(occurrence_ref="OC")), Fault.INCIDENTS
    yield "ae", "all to the day", some(1, always(assault_time_precision="date")), Fault.TIMES
    two_days = always(committed_from="2026-03-20 05:00:00", committed_to="2026-03-22 05:00:00")
    yield "police", "windows of two days", some(1, two_days), Fault.TIMES
    yield "police", "all cancelled", some(1, always(status="cancelled")), Fault.WITHDRAWN
    yield "police", "70 % cancelled", some(0.7, always(status="cancelled")), Fault.WITHDRAWN
    yield "emas", "all rung twice", some(1, always(outcome="duplicate")), Fault.WITHDRAWN
    for source in MAKE:
        yield source, "the year before", some(1, years_before(source)), Fault.CUT_SHORT
        yield source, "the year before, of two rows", two(years_before(source)), Fault.CUT_SHORT
    yield "ae", "two rows at midnight", two(at_midnight("ae")), Fault.DEFAULT_TIMES
    yield "ae", "two rows at noon", two(at_hour("ae", "12:00:00")), Fault.DEFAULT_TIMES
    yield "police", "without the half of the day", some(1, half_days("police")), Fault.HOURS
    yield "police", "80 % of the points to 10 km", some(0.8, rounded(10_000)), Fault.OUTSIDE
    for share in (0.3, 0.5, 0.6):
        yield "police", f"the first {share:.0%}", first(share), Fault.CUT_SHORT
    yield "emas", "the first 40%", first(0.4), Fault.CUT_SHORT
    yield "police", "the last 30%", last(0.3), Fault.HOLE
    yield "police", "nothing between 18:00 and 03:00", without_hours(18, 3), Fault.HOLE


FAULTS = list(_faults())


@pytest.mark.parametrize(
    ("source", "name", "change", "fault"), FAULTS, ids=[f"{s}: {n}" for s, n, *_ in FAULTS]
)
def test_rows_that_say_nothing_of_a_night_make_it_unknown(
    source: str, name: str, change: Callable[[Rows], Rows], fault: Fault
) -> None:
    one = Taken(change(rows_of(source, SUNDAY, seed=7)), SUNDAY)
    if fault is Fault.CUT_SHORT and source != "police":
        one = Taken(one.rows, SUNDAY, n_declared=None)
    assert unusable(source, one).get(SATURDAY) is fault, name


@pytest.mark.parametrize("source", MAKE)
def test_a_clean_delivery_is_usable_however_few_rows_it_has(source: str) -> None:
    for seed in range(2, 32):
        rows = rows_of(source, SUNDAY, seed)
        assert unusable(source, Taken(rows, SUNDAY)) == {}


@pytest.mark.parametrize("source", MAKE)
def test_yesterdays_extract_under_todays_name_says_nothing_of_the_night(source: str) -> None:
    learned, yesterday = deepcopy(past(source)), SUNDAY - timedelta(days=1)
    rows = rows_of(source, yesterday, seed=1)[-2:]
    _, stale = look_at(source, [Taken(rows, yesterday), Taken(rows, SUNDAY)])
    found = unusable_nights(stale, learned, AREA.sources[source], AREA.clock)
    assert {f.evening: f.look.fault for f in found} == {SATURDAY: Fault.AGAIN}
    raised = [row | {"record_version": "2"} for row in rows]
    _, later = look_at(source, [Taken(rows, yesterday), Taken(raised, SUNDAY)])
    assert later.whole[Fault.AGAIN] == Share(0, 2)


@pytest.mark.parametrize("source", ["police", "emas"])
def test_a_correction_that_withdraws_what_was_known_is_no_fault(source: str) -> None:
    rows, state = rows_of(source, SUNDAY, seed=7), {"police": "status", "emas": "outcome"}[source]
    first, gone = Taken(rows, SUNDAY), [row | {state: "cancelled"} for row in rows]
    records, deliveries = [], []
    for n, one in enumerate([first, Taken(gone, SUNDAY)]):
        [said] = _records_of(source, one)
        records.append(said.with_columns(delivery_id=pl.lit(f"d{n}")))
        deliveries.append(_delivery(source, one) | {"delivery_id": f"d{n}"})
    come = pl.DataFrame(deliveries, infer_schema_length=None)
    found = ranked(pl.concat(records), come)
    corrected = describe(
        come, look_over(found, come, AREA), found, pl.DataFrame(schema=NIGHTS_ASIDE.schema), {}, source=AREA.sources[source],
        area=AREA,
    )[1]  # fmt: skip
    assert corrected.whole[Fault.WITHDRAWN] == Share(0, 0)
    assert corrected.whole[Fault.AGAIN].n_bad == 0
    assert unusable_nights(corrected, past(source), AREA.sources[source], AREA.clock) == []


def test_a_history_load_of_a_few_days_that_was_cut_short_is_seen() -> None:
    ages = np.sort(np.random.default_rng(3).uniform(0, 24 * 5, 5 * 30))
    ends = AREA.clock.morning_of(SUNDAY)
    said = Said(
        "days", ends - timedelta(days=5), ends, True, True, {}, {}, {"derby": 1}, ages[ages > 20]
    )  # fmt: skip
    found = unusable_nights(said, Past(), AREA.sources["police"], AREA.clock)
    assert {finding.evening: finding.look.fault for finding in found} == {SATURDAY: Fault.CUT_SHORT}


def test_three_attendances_in_one_place_are_no_constant() -> None:
    assert unusable("ae", Taken([ae_row(n, SUNDAY) for n in range(3)], SUNDAY)) == {}


@pytest.mark.parametrize("n_left", [1, 2])
def test_of_three_nights_those_after_a_cut_are_unknown(n_left: int) -> None:
    monday = SUNDAY + timedelta(days=1)
    cut = f"{monday - timedelta(days=3 - n_left)} 07:00:00"
    rows = [r for r in rows_of("police", monday, seed=5, nights=3) if r["committed_from"] < cut]
    lost = [monday - timedelta(days=n) for n in range(3 - n_left, 0, -1)]
    assert unusable("police", Taken(rows, monday, nights=3)) == dict.fromkeys(lost, Fault.CUT_SHORT)


@pytest.mark.parametrize("n_more", [1, 2, 3])
def test_nights_of_a_span_that_is_longer_than_its_export_are_unknown(n_more: int) -> None:
    rows = rows_of("police", SUNDAY, seed=5)
    lost = [SATURDAY - timedelta(days=n) for n in range(n_more, 0, -1)]
    assert unusable("police", Taken(rows, SUNDAY, nights=1 + n_more)) == dict.fromkeys(lost, Fault.HOLE)


@pytest.mark.parametrize(("n_a_day", "n_days", "is_seen"), [(10, 30, True), (3, 60, True), (10, 1, False)])
def test_nights_that_a_history_load_lacks_are_unknown(n_a_day: int, n_days: int, is_seen: bool) -> None:
    ages = np.sort(np.random.default_rng(3).uniform(0, 24 * 700, 700 * n_a_day))
    ages = ages[(ages < 24 * 300) | (ages > 24 * (300 + n_days))]
    ends = AREA.clock.morning_of(SUNDAY)
    said = Said(
        "years", ends - timedelta(days=700), ends, True, True, {}, {}, {"derby": len(ages)}, ages
    )  # fmt: skip
    found = unusable_nights(said, Past(), AREA.sources["police"], AREA.clock)
    assert {finding.look.fault for finding in found} == ({Fault.HOLE} if is_seen else set())
    lost = {SUNDAY - timedelta(days=300 + n) for n in range(1, n_days)}
    assert ({finding.evening for finding in found} >= lost) is is_seen or not lost


@pytest.mark.parametrize("source", MAKE)
def test_a_file_without_any_row_whose_manifest_says_so_is_quiet(source: str) -> None:
    assert unusable(source, Taken([], SUNDAY, n_declared=0)) == {}


@pytest.mark.parametrize("back", [0, 1, 2])
@pytest.mark.parametrize(
    ("column", "bad", "fault"), [("ho_code", "008N", Fault.CODES), ("easting", "0", Fault.PLACES)]
)
def test_of_three_nights_only_the_one_whose_rows_are_bad_is_unknown(
    back: int, column: str, bad: str, fault: Fault
) -> None:
    monday = SUNDAY + timedelta(days=1)
    of_night = monday - timedelta(days=back + 1)
    opens, closes = f"{of_night} 18:00:00", f"{of_night + timedelta(days=1)} 06:00:00"
    rows = [
        row | ({column: bad} if opens <= row["committed_from"] < closes else {})
        for row in rows_of("police", monday, seed=5, nights=3)
    ]
    assert unusable("police", Taken(rows, monday, nights=3)) == {of_night: fault}


PLACES = [{"place_text": "The Iron Otter"}, {"site_code": "RFS", "place_text": "The Velvet Falcon"}]
ASIDE = [
    # rows used of the night, rows used of others, aside of the night, aside without a time, is it unknown
    *((n_good, 2, n_bad, 0, 5 * n_bad >= n_bad + n_good) for n_good in (0, 1, 3, 6, 20) for n_bad in (1, 2, 6)),
    *((n_good, 0, 0, n_bad, 5 * n_bad >= n_bad + n_good) for n_good in (1, 2, 3, 6, 20) for n_bad in (1, 2, 6)),
    (0, 3, 0, 1, True),  # it may be the only one of the night
    (0, 0, 0, 1, True),
    (0, 3, 0, 0, False),
    (6, 0, 0, 0, False),
]  # fmt: skip


@pytest.mark.parametrize(("n_good", "n_other", "n_bad", "n_untimed", "is_unknown"), ASIDE)
def test_rows_set_aside_that_may_be_of_a_night_make_it_unknown_where_they_are_many_of_it(
    n_good: int, n_other: int, n_bad: int, n_untimed: int, is_unknown: bool
) -> None:
    older = SUNDAY - timedelta(days=3)
    rows = [ae_row(n, SUNDAY, **PLACES[n % 2]) for n in range(n_good)]
    rows += [ae_row(100 + n, older, **PLACES[n % 2]) for n in range(n_other)]
    aside = ((SATURDAY, n_bad, n_untimed),) if n_bad or n_untimed else ()
    one = Taken(rows, SUNDAY, aside=aside, n_aside=n_bad + n_untimed)
    assert (unusable("ae", one).get(SATURDAY) is Fault.ASIDE) == is_unknown


def test_a_new_code_of_a_few_rows_is_no_reason() -> None:
    rows = rows_of("police", SUNDAY, seed=7)
    assert unusable("police", Taken(some(0.1, lambda _: {"ho_code": "8X"})(rows), SUNDAY)) == {}


def test_a_night_is_known_again_from_a_later_delivery_or_from_when_it_was_said_to_be_right() -> None:
    at = AREA.clock.morning_of
    spans = [(at(SUNDAY - timedelta(days=1)), at(SUNDAY), n) for n in (0, 1)]
    believed = pl.DataFrame(
        [{"delivery_id": f"d{n}", "source": "police", "covers_from_at": a, "covers_to_at": b, "known_at": b + timedelta(hours=n)} for a, b, n in spans]
    )  # fmt: skip
    said = datetime(2026, 3, 23, 9, tzinfo=UTC)

    def known(n_deliveries: int, usable_at: datetime | None) -> dict[date, datetime]:
        bad = pl.DataFrame({"delivery_id": ["d0"], "evening": [SATURDAY], "usable_at": [usable_at]})
        accounts = accounts_of(only_usable(believed[:n_deliveries], bad, AREA.clock))
        return covered_since(accounts["police"], [SATURDAY], AREA.clock)

    assert known(1, None) == {}
    assert known(1, said) == {SATURDAY: said}
    assert known(2, None) == {SATURDAY: at(SUNDAY) + timedelta(hours=1)}


def test_a_fault_of_a_few_rows_is_seen_when_it_lasts() -> None:
    days = [SUNDAY + timedelta(days=n) for n in range(4)]
    rows = {day: [ae_row(10 * n + k, day, place_text="?") for k in range(6)] for n, day in enumerate(days)}
    learned, seen = deepcopy(past("ae")), []
    for said in look_at("ae", [Taken(rows[day], day) for day in days]):
        found = unusable_nights(said, learned, AREA.sources["ae"], AREA.clock)
        seen.append([finding.look.fault for finding in found])
        learned.pass_by(said)
    assert seen[0] == []
    assert seen[-1] == [Fault.PLACES]


def test_small_faults_come_together_before_they_are_too_many() -> None:
    learned = past("police")
    usual = learned.usual(Fault.NOT_COUNTED, AREA.sources["police"])
    assert usual is not None
    assert 0.05 < usual < 0.2
    assert learned.shares[Fault.CODES] == Share(0, learned.shares[Fault.CODES].n_rows)


@pytest.mark.parametrize("a_day", [0.2, 1, 6, 20, 75])
@pytest.mark.parametrize("n_days", [14, 40, 400])
def test_a_history_load_of_quiet_nights_is_about_all_of_its_days(a_day: float, n_days: int) -> None:
    """Weekends of twice as much, years that grow, and more scatter than any source here has."""
    rng = np.random.default_rng([int(a_day * 10), n_days])
    for _ in range(10):
        usual = a_day * np.resize([0.6, 0.6, 0.7, 0.8, 1.3, 1.7, 1.3], n_days) * np.linspace(0.7, 1.3, n_days)
        assert n_lacking(rng.negative_binomial(3, 3 / (3 + usual)), STRICT) == (0, 0.0)


@pytest.mark.parametrize(
    ("early", "n_lost"), [([1] * 28, 28), ([0] * 10 + [2] * 10, 20), ([1, 0, 2, 1, 4, 9], 6)]
)
def test_first_days_with_next_to_none_of_the_rows_after_them_are_none_of_its_days(
    early: list[int], n_lost: int
) -> None:
    days = np.array([*early, *[22, 20, 21, 25, 40, 41, 28] * 4])
    assert n_lacking(days, STRICT)[0] == n_lost


def test_a_long_weekend_does_not_prove_that_a_file_is_not_about_the_days_before() -> None:
    assert n_lacking(np.array([1] * 28 + [22, 41, 40]), STRICT)[0] == 0
