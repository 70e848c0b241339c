"""Four weeks worked off in any order leave what one straight run leaves, and post nothing unasked."""

import random
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nte.area_files import load_area
from nte.errors import MisuseError
from nte.moment import may_post, moment_of_run
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan, Surge
from tests.areas import DERBYSHIRE
from tests.faults.child import run_steps
from tests.faults.scene import Scene, differences

LAST = date(2026, 3, 9)
PLAN = SimulationPlan(
    seed=5, n_live_weeks=4, n_history_weeks=20, ends_on=LAST, surges=(Surge("derby", date(2026, 2, 21), 4.0),)
)
FOUR_WEEKS = [LAST - timedelta(days=n) for n in range(28)]


@pytest.mark.slow
def test_mornings_in_random_order_leave_what_one_run_leaves(tmp_path: Path) -> None:
    simulate_deliveries(PLAN, DERBYSHIRE, tmp_path / "simulated")
    straight, shuffled = Scene(tmp_path / "straight"), Scene(tmp_path / "shuffled")
    for scene in (straight, shuffled):
        shutil.copytree(tmp_path / "simulated" / "inbox", scene.folder / "inbox")
    run_steps(straight.home, straight.folder / "inbox", f"{LAST}T09:00")
    mornings = random.Random(3).sample(FOUR_WEEKS, k=3)  # noqa: S311
    mornings.insert(2, LAST)
    for morning in mornings:
        run_steps(shuffled.home, shuffled.folder / "inbox", f"{morning}T09:00")
    undisturbed = straight.tables()
    assert undisturbed["decisions"].filter(alert_id="")["decided_as_of"].n_unique() >= 3 * 7
    assert undisturbed["alerts"].height >= 1
    assert differences(shuffled, undisturbed) == []


def test_a_backfill_works_as_of_its_own_time_and_posts_only_when_asked() -> None:
    area = load_area(DERBYSHIRE)
    then = datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert moment_of_run(None, area, then) == then
    assert moment_of_run("2026-03-30T09:00", area, then) == datetime(2026, 3, 30, 8, tzinfo=UTC)
    assert abs(moment_of_run(None, area, None) - datetime.now(UTC)) < timedelta(minutes=1)
    assert [may_post(wanted, then) for wanted in (None, True, False)] == [False, True, False]
    assert [may_post(wanted, None) for wanted in (None, True, False)] == [True, True, False]


def test_only_a_rehearsal_works_as_of_a_time_that_has_not_come_and_it_posts_nothing() -> None:
    area, ahead = load_area(DERBYSHIRE), (datetime.now(UTC) + timedelta(days=200)).replace(microsecond=0)
    with pytest.raises(MisuseError, match="ahead of this machine's clock"):
        moment_of_run(ahead.isoformat(), area, None)
    assert moment_of_run(ahead.isoformat(), area, None, is_rehearsal=True) == ahead
    assert [may_post(wanted, None, is_rehearsal=True) for wanted in (None, True, False)] == [False] * 3


@pytest.mark.parametrize("year", ["0206", "2014", "2999"])
def test_a_mistyped_year_is_refused_in_a_rehearsal_too(year: str) -> None:
    with pytest.raises(MisuseError, match="out of bounds"):
        moment_of_run(f"{year}-03-30T09:00", load_area(DERBYSHIRE), None, is_rehearsal=True)
