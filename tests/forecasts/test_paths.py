"""Where records come in lots, when they came says how many are still to come: for one night, and for all looks."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from forecasts.issuing import looks
from forecasts.issuing.drawn_looks import draw_looks
from forecasts.judging.nights import judge_nights
from forecasts.judging.standing import chance_to_stand
from forecasts.known.coming import INDEPENDENT
from forecasts.known.completeness import Filling
from forecasts.known.paths import Paths, with_paths
from forecasts.known.record import Record
from nte import negative_binomial as nb
from nte.reach import Reach
from nte.tables.counts import REACHES
from nte.tables.judgements import LABELLED_NIGHTS
from tests.areas import derbyshire
from tests.forecasts.test_looks import FILLING, GAMMA, one

POLICE = np.array([0.48, 0.65, 0.75])
"""Share of a night's police records that is in on its first three mornings."""
AREA = derbyshire()
EVENING, CLUMPING = date(2026, 3, 6), 12.0


def paths(seen: Sequence[float], clumping: float = CLUMPING) -> Paths:
    return Paths(one(clumping), np.array([list(seen)], dtype=np.float64), POLICE[None, : len(seen)])


def chance(seen: Sequence[float], survival: float = 1.0, clumping: float = CLUMPING) -> float:
    """Return the chance of a night of mean 4 and size 6 to end above 11."""
    filling = Filling(one(POLICE[len(seen) - 1]), one(survival))
    return float(chance_to_stand(one(seen[-1]), one(11.0), 4.0, 6.0, filling, paths(seen, clumping))[0])


def test_nine_reports_that_all_came_late_promise_more_than_nine_that_came_early() -> None:
    """The figures of the exact model: 0.125 and 0.306, where reports that come one by one give 0.238."""
    assert chance([9, 9, 9]) == pytest.approx(0.125, abs=0.0005)
    assert chance([0, 0, 9]) == pytest.approx(0.306, abs=0.0005)
    assert chance([9, 9, 9], clumping=INDEPENDENT) == pytest.approx(0.238, abs=0.0005)
    assert chance([0, 0, 9], clumping=INDEPENDENT) == pytest.approx(0.238, abs=0.0005)


def test_the_chance_in_lots_is_the_share_of_such_nights_that_end_above_their_limit() -> None:
    random, n, limit = np.random.default_rng(9), 1_000_000, 7.0
    mean, size, c, share = 3.0, 5.0, 4.0, np.array([0.5, 0.8])
    final = random.poisson(random.gamma(size, mean / size, n))
    first = random.binomial(final, random.beta(0.5 * c, 0.5 * c, n))
    hazard = (share[1] - share[0]) / (1 - share[0])
    second = first + random.binomial(final - first, random.beta(hazard * c, (1 - hazard) * c, n))
    for seen in [(0, 5), (5, 5), (2, 6), (6, 7)]:
        stood = (final > limit)[(first == seen[0]) & (second == seen[1])]
        own = Paths(one(c), np.array([seen], dtype=float), share[None])
        filling = Filling(one(share[1]), one(1.0))
        stated = chance_to_stand(one(float(seen[1])), one(limit), mean, size, filling, own)[0]
        assert stated == pytest.approx(stood.mean(), abs=4 * np.sqrt(stated * (1 - stated) / len(stood)))


def test_withdrawals_lower_the_chance_of_records_that_came_in_lots() -> None:
    assert chance([3, 8, 12], survival=0.9) < chance([3, 8, 12], survival=0.98) < chance([3, 8, 12]) == 1.0


def test_lots_so_loose_that_they_are_none_change_nothing() -> None:
    for seen in ([1, 4, 9], [9, 9, 9], [0, 0, 9]):
        assert chance(seen, clumping=INDEPENDENT / 2) == pytest.approx(
            chance(seen, clumping=INDEPENDENT), abs=1e-4
        )


def test_a_record_that_has_gone_is_taken_as_if_it_had_never_come() -> None:
    rows = pl.DataFrame(
        {"n_incidents": [4, 4], "clumping": [CLUMPING] * 2, "seen_path": [[6.0, 5.0, 4.0], [4.0, 4.0, 4.0]]}
    ).with_columns(share_path=pl.Series([POLICE.tolist()] * 2))
    own = Paths.of(rows)
    assert own.seen[0].tolist() == own.seen[1].tolist() == [4.0] * 4


def drawn_alarms(nights: looks.Nights, limit: np.ndarray, n: int) -> np.ndarray:
    """Draw nights look by look; return the share of each that alerts at any."""
    random, found = np.random.default_rng(3), []
    for place in range(len(nights.mean)):
        known, c = nights.filling.known[place], float(nights.clumping[place])
        final = random.poisson(random.gamma(nights.size[place], nights.mean[place] / nights.size[place], n))
        seen = np.zeros((n, len(known)))
        left, before = final.copy(), 0.0
        for look, share in enumerate(known):
            hazard = (share - before) / (1 - before) if before < 1 else 0.0
            rate = random.beta(hazard * c, (1 - hazard) * c, n) if 0 < hazard < 1 else np.full(n, hazard)
            left = left - random.binomial(left, rate)
            seen[:, look], before = final - left, share
        near = seen[:, -1] > limit[place] - 8
        own, alarmed = seen[near], np.zeros(near.sum(), dtype=bool)
        for look, share in enumerate(known):
            some = Paths(np.full(len(own), c), own[:, : look + 1], np.tile(known[: look + 1], (len(own), 1)))
            filling = Filling(np.full(len(own), share), np.ones(len(own)))
            args = own[:, look], np.full(len(own), limit[place]), nights.mean[place], nights.size[place]
            alarmed |= chance_to_stand(*args, filling, some) >= GAMMA
        found.append(alarmed.sum() / n)
    return np.array(found)


def in_lots(clumping: float = 4.0) -> looks.Nights:
    filling = looks.filling_at_looks(FILLING, ["police"]).at(np.zeros(3, dtype=np.int64))
    mean = np.array([0.4, 2.0, 6.0])
    return looks.Nights(mean, np.full(3, 6.0), np.zeros(3), filling, np.full(3, clumping))


def test_what_all_looks_at_nights_in_lots_cost_is_that_of_clean_draws() -> None:
    nights, level = in_lots(), 0.01
    limit = nb.limit(level, nights.mean, nights.size)
    drawn = drawn_alarms(nights, limit, 30_000)
    assert looks.any_look_probability(nights, level, GAMMA).sum() == pytest.approx(drawn.sum(), rel=0.1)


def test_lots_that_are_none_cost_what_the_recursion_says_and_real_ones_no_more_than_gamma_allows() -> None:
    alone = looks.any_look_probability(in_lots(INDEPENDENT), 0.01, GAMMA).sum()
    nearly = looks.any_look_probability(in_lots(INDEPENDENT / 2), 0.01, GAMMA).sum()
    assert nearly == pytest.approx(alone, rel=0.03)
    final = nb.tail_probability(nb.limit(0.01, in_lots().mean, 6.0) + 1, in_lots().mean, 6.0).sum()
    assert looks.any_look_probability(in_lots(), 0.01, GAMMA).sum() <= final / GAMMA


def test_the_level_of_nights_in_lots_spends_their_budget() -> None:
    nights, judged = in_lots(), np.ones(3, dtype=bool)
    level = looks.alert_level(nights, judged, 0.02, GAMMA)
    assert 0.01 < looks.any_look_probability(nights, level, GAMMA).sum() <= 0.02


def test_every_limit_between_two_is_drawn_at_once() -> None:
    nights = in_lots()
    low, high = np.array([3.0, 6.0, 13.0]), np.array([5.0, 9.0, 17.0])
    args = nights.mean, nights.size, nights.filling, nights.clumping, nights.filling.known > 0
    drawn = draw_looks(*args, (low, high), GAMMA)
    assert (drawn.at(low) > drawn.at(high)).all()
    middle = drawn.at(np.array([4.0, 8.0, 15.0]))
    assert middle == pytest.approx(
        draw_looks(*args, (np.array([4.0, 8.0, 15.0]),) * 2, GAMMA).at(np.array([4.0, 8.0, 15.0])), rel=0.1
    )


def test_a_night_is_judged_by_when_its_records_came() -> None:
    """Two centres with the same count and the same band: one had all its records on the first morning."""
    band = {"expected": 4.0, "dispersion": 6.0, "alert_level": 0.001, "alert_limit": 11, "rule": "stands"}
    keys = {"evening": EVENING, "source": "police"}
    bands = pl.DataFrame([{**keys, "centre_code": code, **band} for code in ("early", "late")])
    rows = [
        {**keys, "centre_code": code, "n_incidents": n, "known_share": share, "survival_share": 1.0}
        for code, seen in (("early", (9, 9, 9)), ("late", (0, 0, 9)))
        for n, share in zip(seen, POLICE, strict=True)
    ]
    all_looks = pl.DataFrame(rows)
    now = all_looks.filter(pl.col("known_share") == POLICE[-1]).with_columns(is_covered=True)
    learned = FILLING.with_columns(clumping=pl.lit(CLUMPING))
    told = judge_nights(bands, with_paths(now, all_looks, learned), GAMMA).sort("centre_code")
    assert told["stands_chance"].to_list() == pytest.approx([0.125, 0.306], abs=0.0005)
    assert told["limit_so_far"].to_list() == [None, None]
    alone = judge_nights(bands, with_paths(now, all_looks, FILLING), GAMMA)
    assert alone["stands_chance"].to_list() == pytest.approx([0.238, 0.238], abs=0.0005)


def test_the_record_tells_the_path_of_young_nights_in_lots_from_their_revisions() -> None:
    """A crime on Saturday's morning, two more on Monday's; the ambulance service's come one by one."""
    morning = AREA.clock.morning_of
    days = [EVENING + timedelta(days=n) for n in range(4)]
    values = [("police", 1, 1), ("police", 3, 3), ("emas", 1, 1), ("emas", 3, 3)]
    revisions = pl.DataFrame(
        [
            {
                "evening": EVENING,
                "centre_code": "derby",
                "source": s,
                "n_incidents": n,
                "known_at": morning(days[age]),
            }
            for s, age, n in values
        ]
    ).with_columns(is_covered=True, definition=pl.lit("nte-violence"))
    live = {source: morning(EVENING - timedelta(days=400)) for source in AREA.sources}
    record = Record(AREA, revisions, live, LABELLED_NIGHTS.empty(), Reach(REACHES.empty(), AREA.clock))
    learned = FILLING.with_columns(
        clumping=pl.when(pl.col("source") == "police").then(CLUMPING).otherwise(INDEPENDENT)
    )
    counts = record.counts_with_paths(morning(days[3]), learned).sort("source")
    police = counts.filter(pl.col("source") == "police")
    assert police["seen_path"].to_list() == [[1.0, 1.0, 3.0]]
    assert police["share_path"].to_list() == [pytest.approx([0.5, 0.625, 0.75])]
    assert counts["clumping"].to_list() == [None, CLUMPING]
    assert (
        record.counts_with_paths(morning(days[3]), FILLING).columns
        == record.counts(morning(days[3]), FILLING).columns
    )


def test_the_last_nights_of_a_history_load_fill_on_as_others_do() -> None:
    """Loaded on Sunday's morning, with what was known of Saturday by then."""
    sunday = AREA.clock.morning_of(EVENING + timedelta(days=1))
    old = EVENING - timedelta(days=200)
    revisions = pl.DataFrame({"evening": [old, EVENING], "n_incidents": [3, 1]}).with_columns(
        centre_code=pl.lit("derby"),
        source=pl.lit("police"),
        definition=pl.lit("nte-violence"),
        is_covered=True,
        known_at=pl.lit(sunday),
    )
    live = dict.fromkeys(AREA.sources, sunday)
    record = Record(AREA, revisions, live, LABELLED_NIGHTS.empty(), Reach(REACHES.empty(), AREA.clock))
    counts = record.counts(sunday, FILLING).sort("evening")
    age_1 = FILLING.filter(pl.col("source") == "police", pl.col("age_days") == 1)["known_share"][0]
    assert counts["known_share"].to_list() == [FILLING["known_share"].max(), age_1]
