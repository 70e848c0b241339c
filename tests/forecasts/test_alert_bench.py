"""What alert rules are measured with: drawn nights fill as they are said to, and alerts are followed as people are told."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alerts.deciding.as_told import as_told
from alerts.deciding.decisions import Circumstances, Said, decide
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from bench.alerts import before, recursion, rules
from bench.alerts.nights import Reports, draw_look, draw_reports, every_night
from bench.alerts.scores import Run, reliability, score
from bench.alerts.window_rules import ByChance, score_windows
from bench.alerts.windows import kinds, spent_by_limits
from bench.alerts.world import MORNINGS, NONE, SOME, World, build_world
from bench.alerts.year import Year, alerts_of
from forecasts.judging.standing import chance_to_stand
from forecasts.known.area_inputs import band_settings
from forecasts.known.completeness import Filling
from nte.area_files import load_area
from nte.detectors import WINDOWS
from nte.words import Detector, Reason, Verdict
from simulator.plan import SimulationPlan, Surge

GAMMA, DELTA = 0.75, 0.1
N_TOLD = 700
AREA = load_area(Path(__file__).resolve().parents[2] / "areas" / "derbyshire")
EVENING = date(2026, 3, 28)


def world_of(withdrawn: tuple[float, float, float] = SOME, clumping: float = 1e6) -> World:
    return build_world(AREA, band_settings(AREA), withdrawn=withdrawn, clumping=clumping)


@pytest.mark.parametrize("clumping", [1e6, 12.0])
def test_drawn_nights_fill_and_lose_records_as_the_world_says(clumping: float) -> None:
    world = world_of(SOME, clumping)
    drawn = draw_reports(world, every_night(world, 800), 1.0, np.random.default_rng(1))
    known, final = drawn.known.sum(axis=0), drawn.final.sum()
    expected = (world.mean[:, None] * world.filling.known).sum(axis=0) / world.mean.sum()
    assert known / final == pytest.approx(expected, rel=0.01)
    assert (drawn.known[:, -1] == drawn.final).all()
    assert (np.diff(drawn.known, axis=1) < 0).any()
    looked, _ = draw_look(world, drawn.place, np.full(len(drawn.place), 3), np.random.default_rng(2))
    assert looked.sum() / known[2] == pytest.approx(1.0, abs=0.015)


@pytest.mark.parametrize(("asks_when_they_came", "n_told"), [(False, N_TOLD), (True, 30)])
def test_an_alert_is_followed_as_the_service_tells_it(asks_when_they_came: bool, n_told: int) -> None:
    """Nights with many surges and losses, told morning by morning by the functions that decide alerts."""
    rule = rules.by_chance(world_of((0.1, 0.1, 0.1)), GAMMA, DELTA)
    world = world_of((0.1, 0.1, 0.1), clumping=4.0)
    if asks_when_they_came:
        quiet = np.full_like(rule.quiet_until, 2)
        rule = replace(rule, quiet_until=quiet, asks_when_they_came=(world, GAMMA, DELTA))
    random = np.random.default_rng(3)
    drawn = draw_reports(world, random.choice(np.flatnonzero(world.mean > 2.0), n_told), 2.0, random)
    followed = rules.follow(rule, drawn)
    outcome = zip(followed.night, followed.morning, followed.stands, followed.for_nothing, strict=True)
    found = {int(night): (int(morning), bool(stands), bool(f)) for night, morning, stands, f in outcome}
    told = {n: t for n in range(n_told) if (t := tell(world, rule, drawn.at(np.array([n])))) is not None}
    assert found == told
    assert {stands for _, stands, _ in told.values()} == {True, False}
    assert any(for_nothing for *_, for_nothing in told.values()) or asks_when_they_came


def chances_of(world: World, rule: rules.Rule, one: Reports) -> list[float]:
    """Return the service's chance of a night on every morning."""
    at, limit = int(one.place[0]), rule.final_limit
    if rule.asks_when_they_came is None:
        own = Filling(world.filling.known[at], world.filling.survival[at])
        chances = chance_to_stand(one.known[0], limit[at], world.mean[at], world.size[at], own)
        return [float(chance) for chance in chances]
    ages = range(1, MORNINGS + 1)
    return [float(rules.chance_on(world, one.place, one.known, age, limit)[0]) for age in ages]


def tell(world: World, rule: rules.Rule, one: Reports) -> tuple[int, bool, bool] | None:
    """Return the morning of the first alert, whether it stands, and whether it was withdrawn for nothing."""
    said, first, for_nothing = None, 0, False
    counts, chances, ages = one.known[0], chances_of(world, rule, one), range(1, MORNINGS + 1)
    own = Filling(world.filling.known[one.place[0]], world.filling.survival[one.place[0]])
    for age, count, chance, known in zip(ages, counts, chances, own.known, strict=True):
        if said is None and (age not in rule.look_ages or chance < GAMMA):
            continue
        facts = as_told(seen(int(count), float(chance), float(known)), said, DELTA)
        reason = decide(facts, said, Circumstances())
        assert reason is not None
        if reason is Reason.WITHDRAWN:
            assert said is not None
            for_nothing |= bool(count >= (said.facts.nights[0].sources[0].n_incidents or 0))
        first, said = first or age, Said(facts, reason) if reason.is_said else said
    return (first, said is not None and not said.is_withdrawn, for_nothing) if first else None


def seen(count: int, chance: float, known: float) -> AlertFacts:
    verdict = Verdict.ABOVE if chance >= GAMMA else Verdict.WITHIN
    view = SourceFacts(
        source="police", verdict=verdict, n_incidents=count, stands_chance=chance, known_share=known
    )
    return AlertFacts(
        detector=Detector.NIGHT,
        definition="nte-violence",
        centre_code="derby",
        first_evening=EVENING,
        last_evening=EVENING,
        level=verdict,
        nights=(NightFacts(evening=EVENING, centre_code="derby", sources=(view,)),),
        is_settled=known >= 0.9,
        is_complete=known >= 0.97,
        stands_chance=chance,
    )


def test_the_rule_before_spends_its_budget_on_alerts_that_mostly_do_not_stand() -> None:
    world = world_of(NONE)
    compared = [rules.by_what_should_be_known(world), rules.by_chance(world, GAMMA, DELTA)]
    so_far, chance = score(world, compared, 1.0, Run(1200, [1]), "clean")
    for row in (so_far, chance):
        assert row.alarms_in_30_days == pytest.approx(world.settings.night_budget(30.0), rel=0.25)
    assert so_far.do_not_stand > 40.0
    assert chance.do_not_stand < 5.0
    places = world.by_season()[0]
    known = world.filling.known[places][:, np.array(before.LOOK_AGES) - 1]
    own = world.mean[places], world.size[places], known
    level = before.alert_level(*own, world.budget)
    spent = before.any_look_probability(*own, level).sum()
    assert 0.9 * world.budget < spent <= world.budget


def test_a_chance_stated_is_the_share_that_ends_above() -> None:
    world = world_of(SOME)
    fifths, brier = reliability(world, rules.by_chance(world, GAMMA, DELTA), 500_000, 1)
    assert [row.fifth for row in fifths] == [1, 2, 3, 4, 5]
    for row in fifths:
        assert row.realised == pytest.approx(row.stated, abs=4 * row.error + 0.01)
    assert 0.0 < brier < 0.01


def test_clean_windows_end_above_their_limit_about_as_often_as_their_budget_says() -> None:
    weekend = kinds(world_of(NONE), WINDOWS[0])
    spent = spent_by_limits(weekend, 1000)
    assert spent == pytest.approx(1.0, abs=0.25)
    higher = [replace(kind, limit=1.15 * kind.limit) for kind in weekend]
    assert spent_by_limits(higher, 1000) < 0.7 * spent


def test_alerts_about_raised_windows_stand_more_often_than_by_the_rule_before() -> None:
    world = world_of(NONE)
    so_far, chance = score_windows(kinds(world, WINDOWS[0])[5:12:2], 2.0, Run(48, [1]), "doubled", DELTA)
    assert chance.n_standing > so_far.n_standing > 0
    assert 0.8 < chance.of_clairvoyant <= 1.0
    assert chance.do_not_stand < so_far.do_not_stand


def test_a_window_s_chance_is_asked_wherever_it_decides_something() -> None:
    kind = kinds(world_of(SOME), WINDOWS[0])[10]
    known = kind.draw(60, 1.8, np.random.default_rng(7)).known
    seen, n = np.take_along_axis(known, kind.at(1)[None, :, None], axis=2)[:, :, 0], len(known)
    chance = np.array([kind.chance(row, 1) for row in seen])
    nothing, everything = np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    rule = ByChance(kind, GAMMA, DELTA)
    above, holds = rule.says(seen, 1, nothing, nothing)
    assert (above == (chance >= GAMMA)).all()
    assert not holds.any()
    above, holds = rule.says(seen, 1, everything, nothing)
    assert ((above | holds) == (chance > DELTA)).all()
    above, holds = rule.says(seen, 1, everything, everything)
    assert not holds.any()
    assert (above == (chance >= GAMMA)).all()
    assert {bool(above.any()), bool(above.all())} == {True, False}


def test_an_alert_of_a_year_is_told_by_what_became_of_it() -> None:
    said = [("first", 7, 0.8), ("fresh", 8, 0.9), ("withdrawn", 8, 0.05)]
    facts = [seen(n, chance, 0.8).model_dump_json() for _, n, chance in said]
    decisions = pl.DataFrame(
        {
            "alert_id": "derby/2026-03-28/nte-violence",
            "decided_as_of": [datetime(2026, 3, 29 + n, 6, tzinfo=UTC) for n in range(3)],
            "reason": [reason for reason, *_ in said],
            "is_said": True,
            "stands_chance": [chance for *_, chance in said],
            "facts": facts,
        }
    )
    plan = SimulationPlan(1, 4, 4, date(2026, 4, 6), surges=(Surge("derby", EVENING, 3.0),))
    row = alerts_of(Year(plan, decisions, pl.DataFrame())).row(0, named=True)
    assert (row["factor"], row["morning"], row["stands"], row["for_nothing"]) == (3.0, 1, False, True)


def nights_compared(n_nights: int) -> recursion.Compared:
    return recursion.compare(world_of(NONE), DELTA, n_nights, "none withdrawn")


def test_the_recursion_is_what_is_drawn() -> None:
    row = nights_compared(200_000)
    assert abs(row.errors_apart) < 4.0
    assert row.exact == pytest.approx(0.107, abs=0.01)


@pytest.mark.campaign
def test_the_recursion_is_what_two_million_nights_show() -> None:
    row = nights_compared(2_000_000)
    assert abs(row.errors_apart) < 3.0
    assert row.error < 0.025 * row.exact
