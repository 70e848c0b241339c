"""The scores of past alerts: what stood, what fell and why, whether chances were true, and what was told in time."""

from collections.abc import Sequence
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from cli.scores import show_scores
from forecasts.scoring.alert_scores import Monday, incomplete_nights, score_alerts
from forecasts.scoring.alert_table import alert_tables, share_of
from forecasts.scoring.past_alerts import Place, alerts_by, read_sayings
from nte.settings import Settings
from nte.tables.alerts import DECISIONS
from nte.tables.bands import BAND_SCORES
from nte.tables.scores import ALERT_SCORES
from nte.warehouse import publish_copy
from nte.words import AlertRule, Detector, Reason, Verdict
from tests.areas import derbyshire

CLOCK = derbyshire().clock
SATURDAY = date(2026, 3, 28)
MONDAY = date(2026, 4, 27)
LIMIT, GAMMA = 9, 0.75
LOOKS = {"evening": pl.Date, "detector": pl.String, "stands_chance": pl.Float64, "is_above": pl.Boolean}
Told = tuple[Reason, int, dict[str, int]]
"""Why something was said, how many mornings after the last night, and the counts: police is above, others are not."""


def said(
    *told: Told,
    centre: str = "derby",
    evening: date = SATURDAY,
    detector: Detector = Detector.NIGHT,
    chance: float | None = 0.8,
) -> pl.DataFrame:
    """Return the decisions that said something about one alert, as the alerts room keeps them."""
    rows = []
    for reason, mornings, counts in told:
        views = tuple(
            SourceFacts(
                source=source, n_incidents=n, verdict=Verdict.ABOVE if source == "police" else Verdict.WITHIN
            )
            for source, n in counts.items()
        )
        first = evening if detector is Detector.NIGHT else evening - timedelta(days=1)
        nights = [NightFacts(evening=e, centre_code=centre, sources=views) for e in {first, evening}]
        facts = AlertFacts(
            detector=detector, definition="nte-violence", centre_code=centre, first_evening=first,
            last_evening=evening, level=Verdict.ABOVE, nights=tuple(nights), is_settled=False, is_complete=False,
        )  # fmt: skip
        as_of = CLOCK.morning_of(evening + timedelta(days=mornings))
        alert = facts.alert_id
        rows.append(
            (
                f"{alert}@{as_of}",
                alert,
                as_of,
                str(reason),
                True,
                chance,
                facts.model_dump_json(exclude_none=True),
            )
        )
    return pl.DataFrame(rows, schema=DECISIONS.schema, orient="row")


def night(
    n: int, *, centre: str = "derby", evening: date = SATURDAY, rule: AlertRule = AlertRule.STANDS
) -> pl.DataFrame:
    """Return a complete night of the police with its count."""
    row = (evening, centre, "police", n, LIMIT, str(rule))
    return pl.DataFrame(
        [row], schema=["evening", "centre_code", "source", "n_incidents", "alert_limit", "rule"], orient="row"
    )


def scores(
    decisions: pl.DataFrame,
    nights: pl.DataFrame | None = None,
    looks: Sequence[tuple[date, str, float, bool]] = (),
    *,
    monday: date = MONDAY,
    incomplete: frozenset[Place] = frozenset(),
) -> pl.DataFrame:
    at = CLOCK.morning_of(monday)
    alerts = alerts_by(read_sayings(decisions), at)
    frame = pl.DataFrame(looks, schema=LOOKS, orient="row")
    found = score_alerts(
        alerts, night(3) if nights is None else nights, frame, Monday(at, CLOCK, incomplete), GAMMA
    )
    return ALERT_SCORES.conform(found.with_columns(as_of=pl.lit(at)))


def of(
    found: pl.DataFrame, detector: str = "", span: str = "all weekends", rule: str = "stands"
) -> dict[str, float]:
    return found.filter(detector=detector, span=span, rule=rule).row(0, named=True)


def outcome(*told: Told) -> tuple[float, ...]:
    row = of(scores(said(*told)), "night")
    names = ("n_alerts", "n_stood", "n_withdrawn_for_nothing", "n_withdrawn_record_gone", "n_came_again")
    return tuple(row[name] for name in names)


FIRST = (Reason.FIRST, 2, {"police": 8, "ae": 3})


def test_an_alert_that_was_not_withdrawn_stood() -> None:
    assert outcome(FIRST, (Reason.COMPLETED, 14, {"police": 12, "ae": 3})) == (1, 1, 0, 0, 0)


def test_one_that_was_withdrawn_though_no_count_had_fallen_was_withdrawn_for_nothing() -> None:
    assert outcome(FIRST, (Reason.WITHDRAWN, 6, {"police": 8, "ae": 3})) == (1, 0, 1, 0, 0)


def test_one_that_was_withdrawn_after_its_count_had_fallen_lost_a_record() -> None:
    assert outcome(FIRST, (Reason.WITHDRAWN, 6, {"police": 7, "ae": 3})) == (1, 0, 0, 1, 0)


def test_a_record_that_went_on_an_earlier_morning_counts_until_the_withdrawal() -> None:
    fell = (Reason.FELL, 4, {"police": 7, "ae": 3})
    assert outcome(FIRST, fell, (Reason.WITHDRAWN, 6, {"police": 7, "ae": 3})) == (1, 0, 0, 1, 0)


def test_a_record_of_a_source_that_the_alert_is_not_about_is_no_excuse() -> None:
    assert outcome(FIRST, (Reason.WITHDRAWN, 6, {"police": 8, "ae": 1})) == (1, 0, 1, 0, 0)


def test_one_that_was_withdrawn_and_came_again_stood_and_is_counted_as_come_again() -> None:
    withdrawn, again = (Reason.WITHDRAWN, 4, {"police": 7}), (Reason.ROSE, 5, {"police": 9})
    assert outcome(FIRST, withdrawn, again) == (1, 1, 0, 0, 1)
    assert outcome(FIRST, withdrawn, again, (Reason.WITHDRAWN, 9, {"police": 9})) == (1, 0, 1, 0, 1)


def test_a_record_that_went_before_it_came_again_does_not_excuse_the_next_withdrawal() -> None:
    withdrawn, again = (Reason.WITHDRAWN, 4, {"police": 7}), (Reason.ROSE, 5, {"police": 7})
    assert outcome(FIRST, withdrawn, again, (Reason.WITHDRAWN, 9, {"police": 7})) == (1, 0, 1, 0, 1)


def test_an_alert_is_open_while_a_night_of_it_is_filling_also_one_that_was_withdrawn() -> None:
    both = pl.concat([said(FIRST, (Reason.WITHDRAWN, 6, {"police": 8})), said(FIRST, centre="buxton")])
    filling = frozenset({("derby", SATURDAY), ("buxton", SATURDAY)})
    row = of(scores(both, incomplete=filling))
    assert (row["n_alerts"], row["n_open"]) == (0, 2)
    assert row["mean_first_morning"] is None
    late = of(scores(both, incomplete=filling, monday=SATURDAY + timedelta(days=37)))
    assert (late["n_alerts"], late["n_stood"], late["n_open"]) == (2, 1, 0)


def test_what_was_said_after_a_monday_is_not_known_on_it() -> None:
    decisions = said(FIRST, (Reason.WITHDRAWN, 28, {"police": 8}))
    before, after = (of(scores(decisions, monday=SATURDAY + timedelta(days=n))) for n in (27, 29))
    assert (before["n_stood"], after["n_stood"]) == (1, 0)


def test_each_detector_has_its_row_and_all_of_them_one_together() -> None:
    weekend = said((Reason.FIRST, 3, {"police": 8}), detector=Detector.WEEKEND, chance=0.9)
    found = scores(pl.concat([said(FIRST), weekend]))
    assert sorted(found["detector"].unique()) == ["", "night", "weekend"]
    row = of(found)
    assert (row["n_alerts"], row["mean_first_morning"]) == (2, 2.5)
    assert row["first_stated_share"] == pytest.approx(0.85)


def test_alerts_of_the_rule_before_stand_apart() -> None:
    found = scores(said(FIRST, chance=None))
    assert of(found, rule="so_far")["n_stood"] == 1
    assert of(found, rule="so_far", span="last 26 weekends")["is_out_of_bounds"] is None
    assert found.filter(rule="stands").is_empty()


def test_the_last_weekends_hold_no_older_alert() -> None:
    old = said(FIRST, evening=SATURDAY - timedelta(weeks=26))
    found = scores(pl.concat([old, said(FIRST)]))
    assert of(found)["n_alerts"] == 2
    assert of(found, span="last 26 weekends")["n_alerts"] == 1


def test_before_the_first_complete_night_nothing_is_scored() -> None:
    at = CLOCK.morning_of(MONDAY)
    known = Monday(at, CLOCK, frozenset())
    assert score_alerts([], night(3).clear(), pl.DataFrame(schema=LOOKS), known, GAMMA).is_empty()


@pytest.mark.parametrize(
    ("decisions", "n_told"),
    [
        (said(FIRST), 1),
        (said((Reason.FIRST, 10, {"police": 11})), 1),
        (said((Reason.FIRST, 11, {"police": 11})), 0),
        (said(FIRST, (Reason.WITHDRAWN, 9, {"police": 8})), 0),
        (said(FIRST, (Reason.WITHDRAWN, 12, {"police": 8})), 1),
        (said(FIRST, evening=SATURDAY + timedelta(days=1), detector=Detector.WEEKEND), 1),
        (said(FIRST, detector=Detector.FOUR_WEEKENDS), 0),
        (said(FIRST, centre="buxton"), 0),
    ],
    ids=[
        "morning 2",
        "morning 10",
        "too late",
        "withdrawn",
        "withdrawn later",
        "by its weekend",
        "by a month",
        "elsewhere",
    ],
)
def test_a_night_that_ended_above_was_told_of_if_its_alert_stood_on_the_tenth_morning(
    decisions: pl.DataFrame, n_told: int
) -> None:
    row = of(scores(decisions, pl.concat([night(12), night(9, centre="buxton")])), "night")
    assert (row["n_above_limit"], row["n_told_by_10"]) == (1, n_told)


@pytest.mark.parametrize(("mornings", "n_above"), [(9, 0), (10, 1)])
def test_a_night_is_asked_for_once_its_tenth_morning_has_come(mornings: int, n_above: int) -> None:
    row = of(scores(said(FIRST), night(12), monday=SATURDAY + timedelta(days=mornings)), "night")
    assert row["n_above_limit"] == n_above


def test_a_night_is_incomplete_while_a_covered_source_fills() -> None:
    rows = [
        ("derby", SATURDAY, True, 0.99), ("derby", SATURDAY, False, 0.4), ("buxton", SATURDAY, True, 0.99),
        ("buxton", SATURDAY, True, 0.9),
    ]  # fmt: skip
    counts = pl.DataFrame(rows, schema=["centre_code", "evening", "is_covered", "known_share"], orient="row")
    assert incomplete_nights(counts, 0.97) == {("buxton", SATURDAY)}


def test_chances_are_held_against_what_came_fifth_by_fifth() -> None:
    looks = [
        (SATURDAY, "night", chance, above)
        for chance, above in ((0.0, False), (0.3, True), (0.38, False), (1.0, True))
    ]
    row = of(scores(said(FIRST), looks=looks))
    assert [row[f"fifth_{n}_n"] for n in range(1, 6)] == [1, 2, 0, 0, 1]
    assert row["fifth_2_stated_share"] == pytest.approx(0.34)
    assert row["fifth_2_realised_share"] == 0.5
    assert row["fifth_3_realised_share"] is None
    assert row["brier_score"] == pytest.approx((0.7**2 + 0.38**2) / 4)


def test_a_look_counts_once_its_end_is_known() -> None:
    looks = [(MONDAY - timedelta(days=n), name, 0.5, True) for name, n in
             (("night", 10), ("night", 11), ("weekend", 34), ("weekend", 35))]  # fmt: skip
    found = scores(said(FIRST), looks=looks)
    assert (of(found, "night")["n_looks"], of(found, "weekend")["n_looks"], of(found)["n_looks"]) == (1, 1, 2)


def ten_alerts(n_fallen: int, n_alerts: int = 10) -> pl.DataFrame:
    fell = (Reason.WITHDRAWN, 6, {"police": 8})
    return pl.concat(said(FIRST, *[fell] * (n < n_fallen), centre=f"centre-{n}") for n in range(n_alerts))


@pytest.mark.parametrize(
    ("n_fallen", "n_alerts", "is_out"),
    [(7, 10, True), (6, 10, False), (4, 4, True), (3, 3, False), (0, 5, False)],
)
def test_alerts_are_out_of_bounds_when_more_fell_than_chance_brings_where_a_quarter_may(
    n_fallen: int, n_alerts: int, is_out: bool
) -> None:
    row = of(scores(ten_alerts(n_fallen, n_alerts)), span="last 26 weekends")
    assert row["not_standing_bound_share"] == 0.25
    assert row["is_out_of_bounds"] is is_out
    assert of(scores(ten_alerts(n_fallen, n_alerts)), "night")["is_out_of_bounds"] is None


def shown(found: pl.DataFrame) -> str:
    out = StringIO()
    console = Console(file=out, width=80)
    for part in alert_tables(found):
        console.print(part, highlight=False)
    return out.getvalue()


def test_the_table_says_few_as_numbers_and_fits_eighty_columns() -> None:
    looks = [(SATURDAY, "night", 0.3, n < 5) for n in range(24)]
    text = shown(scores(ten_alerts(7), night(12, centre="centre-9"), looks))
    assert "│ all    │ last 26 │ 3 of 10 │ 7 of 10     │ 0 of 10 │ 2.0     │ 0    │" in text
    assert "Of the last 26 weekends' alerts 7 of 10 did not stand: out of bounds (at most" in text
    assert "told of by morning 10: 1 of 1." in text
    assert "│ 0.2 to 0.4 │ 24    │ 30.0 % │ 5 of 24     │" in text
    assert "│ 0.4 to 0.6 │ 0     │ -      │ -           │" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text


def test_without_an_alert_that_has_ended_it_says_so_and_without_scores_nothing() -> None:
    text = shown(scores(said(FIRST), incomplete=frozenset({("derby", SATURDAY)})))
    assert "No alert is old enough to say whether it stood; 1 still open." in text
    assert shown(ALERT_SCORES.empty()) == ""


def test_a_share_is_said_of_many_only() -> None:
    assert [share_of(3, 5), share_of(56, 60), share_of(0, 0)] == ["3 of 5", "93 % of 60", "-"]


@pytest.mark.parametrize("has_been_scored", [True, False])
def test_the_command_shows_them_and_a_copy_from_before_has_none(
    tmp_path: Path, *, has_been_scored: bool
) -> None:
    settings, out = Settings(home=tmp_path), StringIO()
    tables = [(BAND_SCORES, BAND_SCORES.empty())]
    if has_been_scored:
        tables.append((ALERT_SCORES, scores(said(FIRST))))
    publish_copy(settings.published_file, tables, [])
    show_scores(Console(file=out, width=80), settings)
    assert ("1 of 1" in out.getvalue()) is has_been_scored
