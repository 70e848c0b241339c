"""Counting anew only the days that changed leaves what counting everything leaves, whatever comes and goes."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from nte.area import Area
from nte.columns import Table
from nte.settings import Settings
from nte.tables import STATE_OF_COUNT, WAREHOUSE_TABLES
from nte.tables.counts import COUNTED, COUNTED_ROWS
from nte.tables.deliveries import (
    ACCEPTANCES,
    DELIVERIES,
    DELIVERY_ORDER,
    EARLIER_SPANS,
    QUARANTINE,
    USABILITY,
    VERDICTS,
)
from nte.tables.records import LEDGER, RECORDS
from nte.warehouse import Warehouse, open_warehouse
from tests.areas import derbyshire
from tests.spec.test_revisions import crime
from transforms.steps import count_nights, purge_records

AREA = derbyshire()
FIRST = date(2026, 3, 1)
CODES = {"police": ("8N", "105A", "60"), "emas": ("assault", "fall"), "ae": ("1", "2")}
STATES = {"police": "recorded", "emas": "conveyed", "ae": "seen"}
PLACES = ("derby", "belper", "glossop", "outside_any_centre", "unplaced")
Row = dict[str, Any]


@dataclass
class Scene:
    """A home whose deliveries come, go and are corrected by chance."""

    home: Settings
    random: Random
    area: Area = AREA
    today: date = FIRST + timedelta(days=3)
    deliveries: list[Row] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)
    n_ids: int = 0
    warehouse: Warehouse = field(init=False)

    @property
    def now(self) -> datetime:
        return AREA.clock.morning_of(self.today) + timedelta(hours=3)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let things happen in the warehouse of the home."""
        with open_warehouse(self.home) as self.warehouse:
            yield

    def write(self, table: Table, rows: list[Row]) -> None:
        self.warehouse.merge(table, pl.DataFrame(rows, table.schema))

    def a_delivery(self, *, is_late: bool = False) -> None:
        """A delivery of a day, or one of an earlier morning that comes late, with new and corrected records."""
        source = self.random.choice(list(CODES))
        day = self.today - timedelta(days=self.random.randint(0, 8) if is_late else 0)
        name = f"{source}_{day}_{len(self.deliveries)}"
        known, ends = AREA.clock.morning_of(self.today), AREA.clock.morning_of(day)
        row = {
            "delivery_id": name, "source": source, "file_name": f"{name}.csv", "sha256": name, "n_bytes": 1, "taken_at": known,
            "known_at": ends if self.random.random() < 0.5 else known, "covers_from_at": ends - timedelta(days=1), "covers_to_at": ends,
            "is_history": False, "n_declared": self.random.choice([None, 5]), "is_conformed": True,
        }  # fmt: skip
        self.deliveries.append(row)
        n_rows = self.random.choice((0, 1, 3, 12, 40))
        has_fault = self.random.random() < 0.25
        rows = [self._record(row, n, day, has_fault=has_fault) for n in range(1, n_rows + 1)]
        unique = {(r["record_id"], r["record_version"]): r for r in rows}
        self.write(DELIVERIES, [row])
        self.write(DELIVERY_ORDER, [{"delivery_id": name, "named_at": ends, "n_taken": len(self.deliveries)}])
        self.say(row, "accepted", len(unique))
        self.write(RECORDS, list(unique.values()))
        self.records += list(unique.values())

    def _record(self, delivery: Row, n: int, day: date, *, has_fault: bool) -> Row:
        source = delivery["source"]
        evening = day - timedelta(days=self.random.choice((1, 1, 1, 1, 2, 5)))
        by_day = self.random.random() < 0.2
        at = datetime(
            evening.year,
            evening.month,
            evening.day,
            13 if by_day else self.random.randint(19, 23),
            tzinfo=UTC,
        )
        site = self.random.choice(AREA.sources[source].sites or (None,)) if source == "ae" else None
        known = {
            "source": source, "delivery_id": delivery["delivery_id"], "row_number": n, "known_at": delivery["known_at"],
            "state": STATES[source], "offence_code": self.random.choice(CODES[source]), "occurred_at": at,
            "night": None if by_day else evening, "place_code": "unplaced" if has_fault else self.random.choice(PLACES),
            "is_withdrawn": self.random.random() < 0.1, "site_code": site,
        }  # fmt: skip
        mine = [r for r in self.records if r["source"] == source]
        if mine and self.random.random() < 0.35:
            old = self.random.choice(mine)
            incident = (
                old["incident_id"] if self.random.random() < 0.9 else self.random.choice(mine)["incident_id"]
            )
            version = old["record_version"] + self.random.choice((0, 1, 1, 2))
            return crime(
                "x", 1, **known, record_id=old["record_id"], incident_id=incident, record_version=version
            )
        self.n_ids += 1
        is_shared = bool(mine) and self.random.random() < 0.2
        incident = self.random.choice(mine)["incident_id"] if is_shared else f"{source}-i{self.n_ids}"
        return crime("x", 1, **known, record_id=f"{source}-r{self.n_ids}", incident_id=incident)

    def say(self, delivery: Row, verdict: str, n_rows: int) -> None:
        self.warehouse.remove(VERDICTS, "delivery_id = ?", [delivery["delivery_id"]])
        self.write(VERDICTS, [{
            "delivery_id": delivery["delivery_id"], "file_name": delivery["file_name"], "verdict": verdict,
            "decided_at": self.now, "n_rows": n_rows, "n_accepted": n_rows, "n_quarantined": 0, "n_warnings": 0, "summary": "",
        }])  # fmt: skip

    def a_late_delivery(self) -> None:
        self.a_delivery(is_late=True)

    def a_day_passes(self) -> None:
        self.today += timedelta(days=1)

    def other_verdict(self) -> None:
        self.say(self.random.choice(self.deliveries), self.random.choice(("accepted", "held")), 3)

    def rows_go(self) -> None:
        """What nothing of ours does: records vanish."""
        if left := self.warehouse.read(RECORDS)["record_id"].sort().to_list():
            self.warehouse.remove(RECORDS, "record_id = ?", [self.random.choice(left)])

    def rows_are_released(self) -> None:
        """Rows that were set aside come into an old delivery, known from now."""
        delivery = self.random.choice(self.deliveries)
        row = self._record(delivery, 1000 + self.n_ids, self.today, has_fault=False) | {"known_at": self.now}
        aside = {
            "delivery_id": delivery["delivery_id"],
            "source": delivery["source"],
            "rule": "",
            "column_name": "",
        }
        self.write(RECORDS, [row])
        self.write(QUARANTINE, [aside | {"row_number": 2000 + self.n_ids}])
        self.records.append(row)

    def a_delivery_is_accepted(self) -> None:
        one = self.random.choice(self.deliveries)
        row = {name: one[name] for name in ("delivery_id", "file_name")}
        self.write(ACCEPTANCES, [row | {"is_accepted": True, "why": "", "decided_at": self.now}])

    def a_manifest_comes_late(self) -> None:
        """It says another span, so what was believed of the delivery is no longer."""
        one = self.random.choice(self.deliveries)
        span = {name: one[name] for name in ("delivery_id", "covers_from_at", "covers_to_at")}
        self.write(EARLIER_SPANS, [span | {"known_until": self.now}])
        one["covers_from_at"] += timedelta(hours=self.random.choice((-24, 6)))
        self.write(DELIVERIES, [one])
        self.warehouse.remove(USABILITY, "delivery_id = ?", [one["delivery_id"]])

    def order_changes(self) -> None:
        one = self.random.choice(self.deliveries)
        self.write(DELIVERY_ORDER, [{"delivery_id": one["delivery_id"], "named_at": self.now, "n_taken": 0}])

    def a_definition_is_added(self) -> None:
        one = self.area.definitions[0].model_copy(
            update={"definition": f"more-{self.n_ids}", "excludes_domestic": False}
        )
        self.area = self.area.model_copy(update={"definitions": (*self.area.definitions, one)})


PURGED = 0.25
USUAL = (Scene.a_delivery, Scene.a_delivery, Scene.a_late_delivery, Scene.a_day_passes)
SELDOM = (
    Scene.other_verdict, Scene.rows_go, Scene.rows_are_released, Scene.a_delivery_is_accepted, Scene.a_manifest_comes_late,
    Scene.order_changes, Scene.a_definition_is_added,
)  # fmt: skip


def copy_that_remembers_nothing(scene: Scene, folder: Path) -> Settings:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scene.home.home, folder)
    home = Settings(home=folder)
    with open_warehouse(home) as warehouse:
        for table in STATE_OF_COUNT:
            warehouse.remove(table, "true")
    return home


def tables_of(home: Settings) -> dict[str, pl.DataFrame]:
    with open_warehouse(home) as warehouse:
        return {t.name: warehouse.read(t).sort(pl.all()) for t in WAREHOUSE_TABLES if t is not COUNTED}


def live_on(scene: Scene, folder: Path, n_rounds: int) -> None:
    """Let things happen, and hold each count against one of everything."""
    for _ in range(n_rounds):
        acts: list[Callable[[Scene], None]] = [
            scene.random.choice(USUAL) for _ in range(scene.random.randint(1, 4))
        ]
        if scene.deliveries and scene.random.random() < 0.4:
            acts.append(scene.random.choice(SELDOM))
        with scene.at_work():
            for act in acts:
                act(scene)
        if scene.random.random() < PURGED:
            purge_records(
                scene.home, scene.area, scene.today - timedelta(days=scene.random.randint(2, 7)), scene.now
            )
        anew = copy_that_remembers_nothing(scene, folder)
        for home in (scene.home, anew):
            count_nights(home, scene.area, scene.now)
        theirs = tables_of(anew)
        for name, rows in tables_of(scene.home).items():
            assert rows.equals(theirs[name]), (name, [act.__name__ for act in acts])


@pytest.mark.parametrize("seed", [1, 2])
def test_counting_changed_days_leaves_what_counting_everything_leaves(seed: int, tmp_path: Path) -> None:
    scene = Scene(Settings(home=tmp_path / "home"), Random(seed))  # noqa: S311
    live_on(scene, tmp_path / "anew", 6)


def test_days_that_nothing_touches_are_not_counted_anew(tmp_path: Path) -> None:
    scene = Scene(Settings(home=tmp_path / "home"), Random(5))  # noqa: S311
    with scene.at_work():
        for _ in range(6):
            scene.a_delivery()
            scene.a_day_passes()
    count_nights(scene.home, AREA, scene.now)
    purge_records(scene.home, AREA, FIRST + timedelta(days=3), scene.now)
    scene.records.clear()  # so that what comes now corrects nothing
    with scene.at_work():
        rows = scene.warehouse.read(COUNTED_ROWS)
        marked = rows.filter(pl.col("day") == rows["day"].min()).head(1).with_columns(pl.col("n_rows") + 1000)
        scene.write(COUNTED_ROWS, marked.rows(named=True))
        scene.a_delivery()
    count_nights(scene.home, AREA, scene.now)
    with scene.at_work():
        assert scene.warehouse.n_rows(LEDGER, "n_rows > 1000") == 1
