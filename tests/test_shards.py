"""Bands in shards: however the centres are cut, and wherever the files are, the bands are the same."""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from forecasts.issuing.bands import issue_bands
from forecasts.issuing.shards import FIT, PLAN, cut, shard_file
from forecasts.issuing.weekend_files import Shard, fit_weekend, forecast_shard, read_weekend
from forecasts.steps import Issued, load_bands, plan_bands
from forecasts.steps import issue_bands as issue_all
from nte.errors import NteError
from nte.settings import Settings
from nte.shared_files import names_in, put_once
from nte.tables.bands import BANDS, COMPLETENESS
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.deliveries import DELIVERIES
from nte.warehouse import open_warehouse
from tests.areas import derbyshire

AREA = derbyshire()
FIRST, LIVE = date(2025, 6, 2), date(2026, 2, 23)
NOW = AREA.clock.morning_of(date(2026, 3, 6))
"""A Friday: one weekend is over, the next begins tonight."""
EVENINGS = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
CENTRES = [centre.centre_code for centre in AREA.current_centres]
SOURCES = list(AREA.sources)
ROOT = Path(__file__).resolve().parent.parent


def nights() -> pl.DataFrame:
    """Every night of every centre and source; the history is known when it was loaded, the rest the morning after."""
    days = [FIRST + timedelta(days=n) for n in range((NOW.date() - FIRST).days)]
    frame = pl.DataFrame({"evening": days}).join(pl.DataFrame({"centre_code": CENTRES}), how="cross")
    frame = frame.join(pl.DataFrame({"source": SOURCES}), how="cross")
    usual = np.random.default_rng(1).gamma(2.0, 0.6, size=(len(CENTRES), len(SOURCES)))
    mean = np.tile(usual.ravel(), len(days)) * np.repeat(
        [1.0 + (day.weekday() in (4, 5)) for day in days], usual.size
    )
    known = [AREA.clock.morning_of(max(day + timedelta(days=1), LIVE)) for day in frame["evening"].to_list()]
    return frame.with_columns(
        definition=pl.lit(AREA.alert_definition),
        n_incidents=pl.Series(np.random.default_rng(2).poisson(mean)),
        is_covered=pl.lit(value=True),
        known_at=pl.Series(known),
    )


def deliveries() -> pl.DataFrame:
    since = AREA.clock.morning_of(LIVE)
    rows = [
        (f"{s}-history", s, f"{s}.csv", s, 1, since, since, since, since, True, None, True) for s in SOURCES
    ]
    return pl.DataFrame(rows, schema=DELIVERIES.schema, orient="row")


@dataclass(frozen=True)
class Scene:
    """A home with counts and no bands, and the folder that its workers share."""

    settings: Settings
    shared: Any

    def plan(self) -> list[str]:
        return plan_bands(self.settings, AREA, NOW, self.shared)

    def shards(self, weekends: list[str], per_shard: int) -> list[Shard]:
        return [s for w in weekends for s in fit_weekend(self.shared, w, per_shard)]

    def load(self, weekends: list[str], shards: list[Shard]) -> Issued:
        return load_bands(self.settings, AREA, NOW, self.shared, weekends, shards)

    def bands(self) -> pl.DataFrame:
        with open_warehouse(self.settings) as warehouse:
            return warehouse.read(BANDS).sort("evening", "centre_code", "source")


def scene(folder: Path, shared: Any = None) -> Scene:
    settings = Settings(home=folder)
    with open_warehouse(settings) as warehouse:
        warehouse.append(NIGHT_COUNT_REVISIONS, nights())
        warehouse.append(DELIVERIES, deliveries())
    return Scene(settings, shared or settings.bands_folder)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The bands of two weekends, all centres in one piece."""
    whole = scene(tmp_path_factory.mktemp("whole"))
    assert issue_all(whole.settings, AREA, NOW).n_bands == 6 * len(CENTRES) * len(SOURCES)
    return whole.bands()


def issued_in_shards(it: Scene, per_shard: int) -> pl.DataFrame:
    weekends = it.plan()
    shards = it.shards(weekends, per_shard)
    for shard in reversed(shards):
        forecast_shard(it.shared, shard)
    it.load(weekends, shards)
    return it.bands()


def test_the_bands_are_those_of_the_method_itself(at_once: pl.DataFrame, tmp_path: Path) -> None:
    it = scene(tmp_path)
    weekend = read_weekend(it.shared / it.plan()[0])
    filling = weekend.completeness
    known = weekend.history, EVENINGS, weekend.calendar, weekend.centres, weekend.recording_changes
    theirs = issue_bands(*known, weekend.settings, filling)
    ours = at_once.filter(pl.col("evening").is_in(EVENINGS)).select(theirs.columns)
    assert ours.equals(theirs.sort("evening", "centre_code", "source"))
    assert theirs.height == 3 * len(CENTRES) * len(SOURCES)


@pytest.mark.parametrize("per_shard", [-(-len(CENTRES) // 3), 1])
def test_the_number_of_shards_changes_nothing(per_shard: int, at_once: pl.DataFrame, tmp_path: Path) -> None:
    it = scene(tmp_path)
    assert issued_in_shards(it, per_shard).equals(at_once)
    [weekend, _] = names_in(it.shared)
    n_files = len([name for name in names_in(it.shared / weekend) if name.startswith("bands-")])
    assert n_files == len(cut(len(CENTRES), per_shard)) > 1


def test_the_files_may_stand_in_an_object_store(at_once: pl.DataFrame, tmp_path: Path) -> None:
    from airflow.sdk import ObjectStoragePath

    it = scene(tmp_path, ObjectStoragePath(f"memory://{tmp_path.name}/bands"))
    assert issued_in_shards(it, 8).equals(at_once)
    assert not it.settings.bands_folder.exists()


def test_a_missing_shard_leaves_nothing_half_loaded(at_once: pl.DataFrame, tmp_path: Path) -> None:
    it = scene(tmp_path)
    weekends = it.plan()
    shards = it.shards(weekends, 8)
    lost = shards[-1]
    for shard in shards[:-1]:
        forecast_shard(it.shared, shard)
    with pytest.raises(NteError, match=rf"centres {lost.first}-{lost.last} of .* Clear the task `forecast`"):
        it.load(weekends, shards)
    assert it.bands().is_empty()
    forecast_shard(it.shared, lost)
    it.load(weekends, shards)
    assert it.bands().equals(at_once)


def test_any_step_may_run_again(at_once: pl.DataFrame, tmp_path: Path) -> None:
    it = scene(tmp_path)
    weekends = it.plan()
    assert it.plan() == weekends
    shards = it.shards(weekends, 8)
    assert it.shards(weekends, 8) == shards
    for shard in [*shards, *shards]:
        forecast_shard(it.shared, shard)
    assert it.load(weekends, shards).n_bands == at_once.height
    assert it.plan() == []
    assert read_completeness(it).height > 0
    before = read_completeness(it)
    it.load(weekends[1:], shards)
    assert it.bands().equals(at_once)
    assert read_completeness(it).equals(before)


def read_completeness(it: Scene) -> pl.DataFrame:
    with open_warehouse(it.settings) as warehouse:
        return warehouse.read(COMPLETENESS).sort("as_of", "source", "age_days")


def test_other_counts_make_another_folder_and_a_file_is_never_changed(tmp_path: Path) -> None:
    it = scene(tmp_path)
    first = it.plan()
    with open_warehouse(it.settings) as warehouse:
        warehouse.replace(NIGHT_COUNT_REVISIONS, nights().with_columns(pl.col("n_incidents") + 1))
    assert not set(first) & set(it.plan())
    put_once(it.shared / first[0], PLAN, b"other")
    assert (it.shared / first[0] / PLAN).read_bytes() != b"other"


def test_files_of_weekends_four_weeks_ago_are_removed(tmp_path: Path) -> None:
    it = scene(tmp_path)
    weekends = it.plan()
    shards = it.shards(weekends, 100)
    for shard in shards:
        forecast_shard(it.shared, shard)
    late = NOW + timedelta(days=24)
    load_bands(it.settings, AREA, late, it.shared, weekends, shards)
    assert names_in(it.shared) == [w for w in sorted(weekends) if w >= str(late.date() - timedelta(days=28))]
    assert len(names_in(it.shared)) == 1


def test_a_worker_of_another_version_is_told_so(tmp_path: Path) -> None:
    it = scene(tmp_path)
    plan = it.shared / it.plan()[0] / PLAN
    plan.write_text(plan.read_text().replace('"model_version": "', '"model_version": "older-'))
    with pytest.raises(NteError, match="install the same version on all workers"):
        fit_weekend(it.shared, plan.parent.name, 8)


def test_a_worker_that_does_not_see_the_folder_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NteError, match="Is NTE_SHARED the same on every worker"):
        fit_weekend(tmp_path / "elsewhere", "2026-02-20-0123", 8)


def test_a_shard_needs_its_fit_alone(tmp_path: Path) -> None:
    it = scene(tmp_path)
    weekend = it.plan()[0]
    shard = it.shards([weekend], 8)[1]
    it.settings.warehouse_file.unlink()
    assert forecast_shard(it.shared, shard) == 3 * 8 * len(SOURCES)
    assert {FIT, shard_file(9, 16)} <= set(names_in(it.shared / weekend))


@pytest.mark.slow
def test_the_dag_maps_over_shards_and_leaves_the_same_bands(at_once: pl.DataFrame, tmp_path: Path) -> None:
    it = scene(tmp_path)
    environment = os.environ | {"NTE_HOME": str(tmp_path), "NTE_CENTRES_PER_SHARD": "8"}
    code = (
        "from tests.dag_test import run_dags\n"
        "run_dags(['issue_bands'], '2026-03-06T06:00')\n"
        "from airflow.models.taskinstance import TaskInstance\n"
        "from airflow.utils.session import create_session\n"
        "with create_session() as session:\n"
        "    for one in session.query(TaskInstance).all(): print('task', one.task_id, one.state, one.rendered_map_index)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True, text=True, cwd=ROOT, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert it.bands().equals(at_once.with_columns(made_at=pl.lit(NOW)))
    assert "task forecast success 2026-02-27: centres 1-8 of " in done.stdout
    assert "task fit_area success weekend of 2026-03-06" in done.stdout
