"""The evaluation over a real warehouse: what it writes, and what it knew."""

from datetime import date, timedelta

import polars as pl
import pytest

from forecasts.steps import evaluate_actions, evaluate_interventions
from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.effects import ACTED_ON, INTERVENTION_EFFECTS, INTERVENTION_PERIODS, INTERVENTION_PLACEBOS
from nte.tables.judgements import LABELLED_NIGHTS
from nte.warehouse import open_warehouse
from tests.forecasts.test_effects import HUB, PLACE, START, area, is_on, with_ratio

LATE = date(2025, 12, 28)
CLOCK = area().clock
FIRST_LOOK, LAST_LOOK = (
    CLOCK.morning_of(START + timedelta(weeks=17)),
    CLOCK.morning_of(LATE + timedelta(days=50)),
)
TABLES = INTERVENTION_EFFECTS, INTERVENTION_PERIODS, INTERVENTION_PLACEBOS


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse in which police nights were known on their mornings, and the place's halved from the start on."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    counts = with_ratio(0.5, is_on())
    known = {evening: CLOCK.morning_of(evening + timedelta(days=1)) for evening in counts["evening"].unique()}
    revisions = counts.drop("known_share").with_columns(
        definition=pl.lit("nte-violence"), known_at=pl.col("evening").replace_strict(known)
    )
    with open_warehouse(settings) as warehouse:
        warehouse.append(NIGHT_COUNT_REVISIONS, revisions)
    for as_of in (LAST_LOOK, FIRST_LOOK, LAST_LOOK):
        assert evaluate_interventions(settings, area(), as_of, [HUB]) == 2
    return settings


def test_each_evaluation_stands_with_the_morning_whose_knowledge_it_is(settings: Settings) -> None:
    with open_warehouse(settings) as warehouse:
        effects = warehouse.read(INTERVENTION_EFFECTS).filter(source="police").sort("as_of", "method")
        assert all(warehouse.read(table)["as_of"].n_unique() == 2 for table in TABLES)
    assert effects["as_of"].to_list() == [FIRST_LOOK, FIRST_LOOK, LAST_LOOK, LAST_LOOK]
    assert effects["last_evening"].max() == START + timedelta(days=6 * 28 - 1)
    assert (effects["last_evening"][0], effects["n_nights"][0]) == (START + timedelta(days=3 * 28 - 1), 3 * 8)


def test_the_periods_and_placebos_behind_an_effect_add_up_to_it(settings: Settings) -> None:
    with open_warehouse(settings) as warehouse:
        effects, periods, placebos = (warehouse.read(table).filter(as_of=LAST_LOOK) for table in TABLES)
    after = periods.filter("is_after").group_by("method").agg(pl.col("n_observed", "n_counterfactual").sum())
    told = effects.filter(source="police").join(after, on="method", suffix="_of_periods")
    assert told["n_observed"].to_list() == told["n_observed_of_periods"].to_list()
    assert told["n_counterfactual"].to_list() == pytest.approx(told["n_counterfactual_of_periods"].to_list())
    n_placebos = placebos.group_by("method").agg(n=pl.len())
    assert told.join(n_placebos, on="method").select((pl.col("n") == pl.col("n_placebos")).all()).item()


@pytest.mark.parametrize(("said", "n_known"), [("explained", 48), ("data_fault", 24)])
def test_faults_are_not_known_and_explained_nights_stay(said: str, n_known: int, settings: Settings) -> None:
    """Only nights that were above are explained: without them there would be a fall."""
    faulty = [START + timedelta(days=7 * week) for week in range(24)]
    label = {
        "centre_code": PLACE, "source": "police", "definition": "nte-violence", "label": said,
        "acknowledgement_id": str(48 - n_known), "alert_id": "one", "known_at": LAST_LOOK,
    }  # fmt: skip
    rows = pl.DataFrame([label | {"evening": evening} for evening in faulty])
    with open_warehouse(settings) as warehouse:
        warehouse.append(LABELLED_NIGHTS, rows)
    evaluate_interventions(settings, area(), LAST_LOOK, [HUB])
    with open_warehouse(settings) as warehouse:
        found = warehouse.read(INTERVENTION_EFFECTS).filter(
            source="police", method="forecast", as_of=LAST_LOOK
        )
    assert (found["n_nights_covered"].item(), found["n_nights"].item()) == (n_known, 48)


def test_alerts_that_were_acted_on_have_their_rows_beside_the_interventions(settings: Settings) -> None:
    for _ in range(2):
        assert evaluate_actions(settings, area(), LAST_LOOK) == 0
    with open_warehouse(settings) as warehouse:
        rows = warehouse.read(INTERVENTION_EFFECTS)
    mine = rows.filter(intervention_id=ACTED_ON)
    assert mine["source"].to_list() == ["police", "emas", "ae"]
    assert all("0 alerts with known nights after them" in why for why in mine["why_not"])
    assert rows.height == mine.height + 2 * 3 * 2
