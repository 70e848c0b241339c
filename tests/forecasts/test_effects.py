"""Did an intervention work: what is planted is read back, and what is not known is never taken for an effect."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from forecasts.curve.series_model import SeriesForecast
from forecasts.effects.evaluating import Evaluated, Knowledge, evaluate, trial_of
from forecasts.effects.frozen import area_move, compare_frozen
from forecasts.effects.inference import Gaps, between_variance, effect_of
from forecasts.effects.planning import hours_shares, plan
from forecasts.effects.synthetic import compare_synthetic
from forecasts.effects.verdicts import placebos_of
from forecasts.effects.windows import Trial
from forecasts.settings import BandSettings
from nte.area import Area, LocalEvent
from nte.interventions import Intervention
from tests.areas import derbyshire

FIRST, N_NIGHTS = date(2024, 1, 1), 7 * 104
START = date(2025, 7, 4)
PLACE = "chesterfield"
SOME = ("derby", PLACE, "glossop", "ilkeston", "long-eaton", "buxton", "matlock", "ripley")
WEEK = np.array([0.6, 0.6, 0.7, 0.8, 1.6, 2.0, 0.7])
HUB = Intervention(
    intervention_id="hub", place_code=PLACE, starts_on=START, nights="fri sat", hours="21:00-03:00",
    hypothesis="fewer are hurt", outcome_definition="nte-violence", declared_on=START, owner="lead on the hub",
)  # fmt: skip


@cache
def area() -> Area:
    centres = tuple(c for c in derbyshire().town_centres if c.centre_code in SOME)
    return derbyshire().model_copy(
        update={"interventions": (HUB,), "local_events": (), "town_centres": centres}
    )


@cache
def drawn() -> pl.DataFrame:
    """Police counts of every town centre: two years, no trend, half as many in some centres as in others."""
    random = np.random.default_rng(5)
    evenings = [FIRST + timedelta(days=n) for n in range(N_NIGHTS)]
    mean = WEEK[np.array([evening.weekday() for evening in evenings])]
    rows = [
        pl.DataFrame({"evening": evenings}).with_columns(
            centre_code=pl.lit(centre.centre_code), source=pl.lit("police"),
            n_incidents=pl.Series(random.poisson(mean * (1.5 if place % 2 else 3.0))),
            is_covered=pl.lit(value=True), known_share=pl.lit(1.0),
        )
        for place, centre in enumerate(area().current_centres)
    ]  # fmt: skip
    return pl.concat(rows)


def is_on(centre: str = PLACE) -> pl.Expr:
    return (pl.col("centre_code") == centre) & (pl.col("evening") >= START)


def with_ratio(ratio: float, where: pl.Expr) -> pl.DataFrame:
    """The counts, each incident of some nights kept with the chance `ratio`."""
    counts = drawn()
    thinned = np.random.default_rng(7).binomial(counts["n_incidents"].to_numpy(), ratio)
    return counts.with_columns(
        pl.when(where).then(pl.Series(thinned)).otherwise("n_incidents").alias("n_incidents")
    )


def unknown(counts: pl.DataFrame, where: pl.Expr) -> pl.DataFrame:
    return counts.with_columns(
        pl.when(~where).then("n_incidents").alias("n_incidents"), is_covered=pl.col("is_covered") & ~where
    )


def evaluated(counts: pl.DataFrame, one: Intervention = HUB, place: Area | None = None) -> Evaluated:
    calendar = pl.DataFrame(schema={"evening": pl.Date})
    changes = pl.DataFrame(schema={"source": pl.String, "first_evening": pl.Date})
    return evaluate(place or area(), one, Knowledge(counts, calendar, changes, BandSettings()))


@dataclass(frozen=True)
class Police:
    """Both methods' rows of the police."""

    forecast: dict[str, Any]
    synthetic: dict[str, Any]


def police(found: Evaluated) -> Police:
    rows = {row["method"]: row for row in found.effects.filter(source="police").iter_rows(named=True)}
    return Police(rows["forecast"], rows["synthetic"])


@cache
def untouched() -> Evaluated:
    return evaluated(drawn())


@cache
def halved() -> Evaluated:
    return evaluated(with_ratio(0.5, is_on()))


def test_a_planted_fall_by_half_is_read_back_by_both_methods() -> None:
    for row in vars(police(halved())).values():
        assert row["lower"] <= 0.5 <= row["upper"] < 1
        assert row["placebo_rank"] == 1
        assert row["n_placebos"] == 7 + 8
        assert row["detectable_ratio"] > 0.5
        assert row["why_not"] == ""


def test_where_nothing_was_done_nothing_is_told_from_chance() -> None:
    for row in vars(police(untouched())).values():
        assert row["lower"] < 1 < row["upper"]
        assert row["placebo_rank"] > 1


def test_what_would_have_come_knows_nothing_of_what_came() -> None:
    """Whatever is done at the place from the start on moves what was observed, and nothing else."""
    without, beside = police(untouched()), police(halved())
    for method in ("forecast", "synthetic"):
        one, other = vars(without)[method], vars(beside)[method]
        assert one["n_counterfactual"] == other["n_counterfactual"]
        assert one["pre_fit_error"] == other["pre_fit_error"]
        assert other["n_observed"] < 0.65 * one["n_observed"]


def test_unknown_nights_are_neither_quiet_nor_an_effect() -> None:
    third = is_on() & (pl.col("evening").dt.ordinal_day() % 6 == 0)
    for row in vars(police(evaluated(unknown(drawn(), third)))).values():
        assert row["n_nights_covered"] < row["n_nights"]
        assert row["lower"] < 1 < row["upper"]
    most = is_on() & (pl.col("evening").dt.ordinal_day() % 2 == 0)
    for row in vars(police(evaluated(unknown(drawn(), most)))).values():
        assert row["ratio"] is None
        assert row["lower"] is None
        assert "nights are known, and an unknown night is not a quiet one" in str(row["why_not"])


def test_a_rise_of_the_whole_area_is_no_effect() -> None:
    """Recording, growth, a hot summer: all centres count less from the start on."""
    row = police(evaluated(with_ratio(0.6, pl.col("evening") >= START))).forecast
    assert row["lower"] < 1 < row["upper"]
    assert row["ratio"] == pytest.approx(1, abs=0.15)


def test_a_source_that_is_silent_or_does_not_serve_the_place_says_so() -> None:
    found = untouched()
    whys = dict(found.effects.filter(method="forecast").select("source", "why_not").iter_rows())
    assert whys == {"police": "", "emas": "no night of this source is known and complete", "ae": whys["emas"]}
    glossop = HUB.model_copy(update={"place_code": "glossop"})
    rows = evaluated(drawn(), glossop).effects.filter(source="emas", method="synthetic")
    assert rows["why_not"].to_list() == ["this source does not serve the town centre"]


@pytest.mark.parametrize(
    ("starts_on", "why"),
    [
        (date(2024, 6, 7), "less than a year before the start"),
        (date(2025, 12, 19), "fewer than four complete weeks"),
    ],
)
def test_too_little_before_or_after_is_said(starts_on: date, why: str) -> None:
    early = HUB.model_copy(update={"starts_on": starts_on})
    rows = evaluated(drawn(), early).effects
    assert rows["ratio"].null_count() == rows.height
    assert all(why in said for said in rows["why_not"])


def test_young_nights_are_left_out_and_only_whole_periods_are_compared() -> None:
    young = pl.when(pl.col("evening") > date(2025, 11, 30)).then(0.6).otherwise(1.0)
    row = police(evaluated(drawn().with_columns(known_share=young))).synthetic
    assert row["last_evening"] == START + timedelta(days=5 * 28 - 1)
    assert row["n_nights"] == 5 * 8 == row["n_nights_covered"]


def test_each_source_is_compared_as_far_as_its_own_nights_are_complete() -> None:
    both = pl.concat([drawn(), drawn().with_columns(source=pl.lit("emas"))])
    is_young = (pl.col("source") == "emas") & (pl.col("evening") > date(2025, 11, 30))
    counts = both.with_columns(known_share=pl.when(is_young).then(0.6).otherwise(1.0))
    found = evaluated(counts)
    rows = found.effects.filter(method="synthetic")
    for source, n_periods in (("police", 6), ("emas", 5)):
        sums = found.periods.filter(pl.col("is_after"), source=source, method="synthetic")
        assert sums.height == n_periods, "four weeks of which no night is known are no sum of 0"
        last = START + timedelta(days=n_periods * 28 - 1)
        there = (
            is_on() & pl.col("evening").is_between(START, last) & pl.col("evening").dt.weekday().is_in([5, 6])
        )
        row = rows.filter(source=source).row(0, named=True)
        assert (row["last_evening"], row["n_nights"]) == (last, 8 * n_periods)
        assert row["n_observed"] == drawn().filter(there)["n_incidents"].sum()


def test_a_closed_town_centre_is_not_known_rather_than_quiet() -> None:
    closed = [START + timedelta(days=n) for n in range(28)]
    events = tuple(LocalEvent(evening=day, event="closure", centre_code=PLACE) for day in closed)
    quiet = drawn().with_columns(
        n_incidents=pl.when((pl.col("centre_code") == PLACE) & pl.col("evening").is_in(closed))
        .then(0).otherwise("n_incidents")
    )  # fmt: skip
    row = police(evaluated(quiet, place=area().model_copy(update={"local_events": events}))).synthetic
    assert (row["n_nights_covered"], row["n_nights"]) == (8 * 5, 8 * 6)
    assert row["lower"] < 1 < row["upper"]
    assert row["ratio"] == pytest.approx(1, abs=0.2)


def test_a_place_where_something_else_was_done_is_no_placebo_and_no_donor() -> None:
    other = HUB.model_copy(
        update={"intervention_id": "patrols", "place_code": "derby", "starts_on": date(2025, 9, 5)}
    )
    busy = area().model_copy(update={"interventions": (HUB, other)})
    after = halved().placebos.filter(pl.col("first_evening") == START)
    assert "derby" in after["place_code"]
    assert PLACE not in after["place_code"]
    found = evaluated(with_ratio(0.5, is_on()), place=busy).placebos.filter(pl.col("first_evening") == START)
    assert "derby" not in found["place_code"]


def begun_elsewhere(starts_on: date, ends_on: date | None) -> Trial:
    """HUB's trial where something else was done in Derby."""
    other = {"intervention_id": "patrols", "place_code": "derby", "starts_on": starts_on, "ends_on": ends_on}
    busy = area().model_copy(update={"interventions": (HUB, HUB.model_copy(update=other))})
    trial = trial_of(busy, HUB, drawn())
    assert isinstance(trial, Trial)
    return trial


def test_an_intervention_marks_the_nights_from_its_start_to_its_end_and_no_others() -> None:
    trial = begun_elsewhere(date(2024, 3, 1), date(2024, 5, 1))
    is_clean = trial.is_clean[trial.panel.centres.index("derby"), 0]
    marked = trial.panel.evenings[~is_clean & trial.panel.is_known[0, 0]].astype(object)
    assert (marked.min(), marked.max(), len(marked)) == (date(2024, 3, 1), date(2024, 5, 1), 62)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_control"),
    [
        (date(2024, 3, 1), date(2024, 5, 1), True),  # it had ended a year before
        (date(2024, 9, 1), date(2025, 5, 1), False),  # it filled most of the year before
        (date(2025, 9, 5), date(2025, 10, 9), False),  # it was there in a fifth of the window
        (date(2025, 9, 5), None, False),
    ],
)
def test_a_place_stands_for_others_again_once_what_was_done_there_has_ended(
    starts_on: date, ends_on: date | None, *, is_control: bool
) -> None:
    trial = begun_elsewhere(starts_on, ends_on)
    shape = (*trial.panel.counts.shape[:2], trial.window.n_days)
    level = SeriesForecast(np.full(shape, 3.0), np.zeros(shape), np.full((*shape[:2], 1), 0.1))
    derby = trial.panel.centres.index("derby")
    for comparison in (compare_frozen(trial, trial.window, level), compare_synthetic(trial, trial.window)[0]):
        [(_, places, _)] = placebos_of(trial, [comparison], 0)
        assert (derby in places) is is_control


def test_a_surge_or_a_closure_before_the_start_does_not_choose_the_donors() -> None:
    wild = (pl.col("centre_code") == PLACE) & pl.col("evening").is_between(
        date(2024, 8, 9), date(2024, 8, 25)
    )
    surged = with_ratio(0.5, is_on()).with_columns(
        n_incidents=pl.when(wild).then(pl.col("n_incidents") * 12).otherwise("n_incidents")
    )
    row = police(evaluated(surged)).synthetic
    assert row["lower"] <= 0.5 <= row["upper"]


def test_the_move_of_an_area_leaves_out_the_place_itself() -> None:
    observed, expected = np.array([[50.0], [120.0], [120.0]]), np.full((3, 1), 100.0)
    moved, _ = area_move(observed, expected, np.zeros((3, 1)), is_pooled=np.array([[False], [True], [True]]))
    assert np.exp(moved[0, 0]) == pytest.approx(1.2, rel=0.01)
    alone, variance = area_move(observed[:1], expected[:1], np.zeros((1, 1)), is_pooled=np.array([[True]]))
    assert alone[0, 0] == 0.0 == variance[0, 0]


def gaps(observed: list[float], expected: float) -> Gaps:
    return Gaps(np.array(observed), np.full(len(observed), expected), np.zeros(len(observed)))


def test_placebos_that_stray_by_chance_alone_add_nothing_and_others_widen_the_interval() -> None:
    random = np.random.default_rng(1)
    calm = gaps(random.poisson(100, 60).tolist(), 100)
    wild = gaps((100 * np.exp(random.normal(0, 0.3, 60))).tolist(), 100)
    assert between_variance(calm) < 0.003
    assert np.sqrt(between_variance(wild)) == pytest.approx(0.3, rel=0.2)
    one = gaps([70.0], 100.0)
    near, far = effect_of(one, calm), effect_of(one, wild)
    assert near.upper < 1 < far.upper
    assert near.placebo_rank < far.placebo_rank
    assert near.detectable_ratio is not None
    assert far.detectable_ratio is not None
    assert near.detectable_ratio > far.detectable_ratio


def test_the_interval_holds_what_a_test_would_not_refuse_and_the_stated_fall_is_seen_four_times_in_five() -> (
    None
):
    random = np.random.default_rng(2)
    placebos = gaps(random.poisson(60, 60).tolist(), 60)
    stated = effect_of(gaps([60.0], 60.0), placebos).detectable_ratio
    assert stated is not None
    seen = [effect_of(gaps([float(n)], 60.0), placebos).upper < 1 for n in random.poisson(60 * stated, 300)]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.07)
    assert effect_of(gaps([0.0], 60.0), placebos).lower < effect_of(gaps([0.0], 60.0), placebos).upper < 0.3


def test_an_intervention_that_has_ended_is_compared_to_its_end() -> None:
    ended = HUB.model_copy(update={"ends_on": START + timedelta(days=62)})
    row = police(evaluated(drawn(), ended)).forecast
    assert row["last_evening"] == START + timedelta(days=55)
    assert replace(gaps([1.0], 1.0), scatter=np.ones(1)).variance()[0] > 1


def test_a_plan_says_what_an_evaluation_of_as_many_months_could_have_seen() -> None:
    """Nothing was done in them: more months, more incidents, and a milder fall that is seen."""
    known = Knowledge(
        drawn(), pl.DataFrame(schema={"evening": pl.Date}),
        pl.DataFrame(schema={"source": pl.String, "first_evening": pl.Date}), BandSettings(),
    )  # fmt: skip
    nobody = area().model_copy(update={"interventions": ()})
    plans = [plan(nobody, HUB, months, known) for months in (2, 36)]
    # Of two years one is before what is looked at and as long a time before that, on which its fit is judged.
    assert [one.n_months for one in plans] == [2, 5]
    assert plans[1].needs_history_from == date(2019, 1, 7)
    short, long = (one.rows.filter(source="police", method="synthetic") for one in plans)
    assert long["n_counterfactual"].item() > 2 * short["n_counterfactual"].item()
    assert long["detectable_ratio"].item() > short["detectable_ratio"].item() > 0.3


def test_the_share_of_its_hours_is_of_its_own_nights_and_district() -> None:
    rows = [  # weekday, hour, incidents: Friday's night goes on until Saturday morning
        (5, 20, 10), (5, 22, 30), (6, 1, 40), (6, 4, 20), (4, 22, 500), (6, 22, 700), (7, 1, 900), (5, 12, 300),
    ]  # fmt: skip
    profile = pl.DataFrame(
        [("Chesterfield", "police", *row) for row in rows] + [("Derby", "police", 5, 20, 1000)],
        schema=["district", "source", "weekday", "hour", "n_incidents"], orient="row",
    )  # fmt: skip
    friday = HUB.model_copy(update={"nights": (5,), "hours": (time(21), time(3))})
    assert hours_shares(profile, area(), friday) == {"police": 0.7}


@pytest.mark.parametrize("share", [0.0, 0.004])
def test_where_next_to_nothing_happens_nothing_is_said(share: float) -> None:
    for row in vars(police(evaluated(with_ratio(share, pl.lit(value=True))))).values():
        assert row["ratio"] is None
        assert row["why_not"].startswith(
            ("fewer than 10 incidents", "too little is known of the time before")
        )
