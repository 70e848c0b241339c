"""Every source of one intervention by both methods, as the rows that the warehouse keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from forecasts.curve.panel import Bools, Ints, Panel, build_panel
from forecasts.effects.frozen import compare_frozen, forecast_frozen
from forecasts.effects.synthetic import compare_synthetic
from forecasts.effects.verdicts import Found, find, placebos_of
from forecasts.effects.windows import FEWEST_BEFORE, FOUR_WEEKS, Comparison, Trial, Window, by_period
from forecasts.settings import BandSettings
from nte.area import Area
from nte.interventions import Intervention
from nte.tables.effects import INTERVENTION_EFFECTS, INTERVENTION_PERIODS, INTERVENTION_PLACEBOS
from nte.words import Method

CLOSED = "clos"
"""Local events whose name begins so are closures: a closed town centre is no quiet one."""
METHODS = (Method.FORECAST, Method.SYNTHETIC)
Row = dict[str, object]


@dataclass(frozen=True)
class Knowledge:
    """What is known of an area's nights for an evaluation."""

    counts: pl.DataFrame
    """evening, centre_code, source, n_incidents, is_covered, known_share: faults in the data are not known."""
    calendar: pl.DataFrame
    recording_changes: pl.DataFrame
    settings: BandSettings


@dataclass(frozen=True)
class Evaluated:
    """The rows of an evaluation, without their as_of."""

    effects: pl.DataFrame
    periods: pl.DataFrame
    placebos: pl.DataFrame


def evaluate(area: Area, intervention: Intervention, known: Knowledge) -> Evaluated:
    """Return what an intervention did to every source of its definition, by both methods."""
    definition = area.definition(intervention.outcome_definition)
    trial = trial_of(area, intervention, known.counts)
    if isinstance(trial, str):
        none = Found(0, 0, 0, None, None, None, trial)
        rows = [_effect_row(intervention, s, m, none, None) for s in definition.sources for m in METHODS]
        return _frames(rows, [], [])
    windows = [trial.window, *trial.placebo_windows()]
    ahead = known.calendar, known.recording_changes, known.settings
    frozen = [compare_frozen(trial, w, forecast_frozen(trial, w, *ahead)) for w in windows]
    synthetic = [compare_synthetic(trial, w) for w in windows]
    by_method = {
        Method.FORECAST: (frozen, frozen[1:]),
        Method.SYNTHETIC: ([after for after, _ in synthetic], [synthetic[0][1]]),
    }
    effects, periods, placebos = [], [], []
    for source in definition.sources:
        for method, (comparisons, before) in by_method.items():
            found, key = _found(area, trial, comparisons, before, source), (intervention, source, method)
            effects.append(_effect_row(*key, found, _last_evening(trial, source)))
            if source in trial.panel.sources and found.n_covered:
                place = trial.panel.sources.index(source)
                periods += _period_rows(key, trial, [comparisons[0], *before], place)
                placebos += _placebo_rows(key, trial, comparisons, place)
    return _frames(effects, periods, placebos)


def trial_of(area: Area, intervention: Intervention, counts: pl.DataFrame) -> Trial | str:
    """Return the nights to compare, or why there are none.

    Whole periods of four weeks, so that two evaluations differ by whole periods, each large enough to be spoken of.
    """
    complete = counts.filter(pl.col("known_share") >= area.slack.complete_share)
    if complete.filter("is_covered").is_empty():
        return "no night is known and complete"
    panel = build_panel(complete, [], [centre.centre_code for centre in area.current_centres])
    panel = _without_closures(panel, area)
    first = panel.evenings[0].astype(object)
    origin = (intervention.starts_on - first).days
    if origin < FEWEST_BEFORE:
        return f"what is known begins on {first}, less than a year before the start: a season could pass for an effect"
    last = len(panel.evenings) if intervention.ends_on is None else (intervention.ends_on - first).days + 1
    until = np.minimum(_complete_until(complete, panel), last)
    until = origin + FOUR_WEEKS * np.maximum((until - origin) // FOUR_WEEKS, 0)
    if (until <= origin).all():
        return "fewer than four complete weeks have passed since the start"
    for source, end in enumerate(until):
        panel.is_known[:, source, end:] = False
    place = panel.centres.index(intervention.place_code)
    window = Window(origin, int(until.max()))
    return Trial(panel, _untouched(panel, area.interventions), place, window, intervention.nights, until)


def _complete_until(complete: pl.DataFrame, panel: Panel) -> Ints:
    """Return the place of the evening after the last that should be complete, by source."""
    last = dict(complete.group_by("source").agg(pl.col("evening").max()).iter_rows())
    first = panel.evenings[0].astype(object)
    return np.array([(last[source] - first).days + 1 for source in panel.sources])


def _untouched(panel: Panel, interventions: Sequence[Intervention]) -> Bools:
    """Return what is known of nights on which nothing was being done at their place.

    An intervention that has ended marks its own nights alone: its place can stand for others again where enough of the
    nights before a window, and of the window itself, are clean.
    """
    is_clean = panel.is_known.copy()
    for one in interventions:
        first, last = np.datetime64(one.starts_on, "D"), np.datetime64(one.ends_on or date.max, "D")
        is_on = (panel.evenings >= first) & (panel.evenings <= last)
        is_clean[panel.centres.index(one.place_code), :, is_on] = False
    return is_clean


def _without_closures(panel: Panel, area: Area) -> Panel:
    for event in area.local_events:
        if event.event.startswith(CLOSED):
            places = slice(None) if event.centre_code is None else panel.centres.index(event.centre_code)
            panel.is_known[places, :, panel.evenings == np.datetime64(event.evening, "D")] = False
    return panel


def _found(
    area: Area, trial: Trial, comparisons: Sequence[Comparison], before: Sequence[Comparison], source: str
) -> Found:
    code = trial.panel.centres[trial.place]
    centre = next(c for c in area.current_centres if c.centre_code == code)
    if source not in centre.covered_by:
        return Found(0, 0, 0, None, None, None, "this source does not serve the town centre")
    if source not in trial.panel.sources:
        return Found(0, 0, 0, None, None, None, "no night of this source is known and complete")
    return find(trial, comparisons, before, trial.panel.sources.index(source))


def _last_evening(trial: Trial, source: str) -> date | None:
    if source not in trial.panel.sources:
        return None
    end = min(trial.window.end, int(trial.complete_until[trial.panel.sources.index(source)]))
    return _day(trial, end - 1) if end > trial.window.origin else None


def _day(trial: Trial, evening: int) -> date:
    return date.fromisoformat(str(trial.panel.evenings[evening]))


def _key(intervention: Intervention, source: str, method: Method) -> Row:
    return {
        "intervention_id": intervention.intervention_id,
        "source": source,
        "definition": intervention.outcome_definition,
        "method": str(method),
    }


def _effect_row(
    intervention: Intervention, source: str, method: Method, found: Found, last_evening: date | None
) -> Row:
    effect = found.effect
    return _key(intervention, source, method) | {
        "n_observed": found.n_observed,
        "n_counterfactual": found.n_counterfactual,
        "ratio": effect and effect.ratio,
        "lower": effect and effect.lower,
        "upper": effect and effect.upper,
        "placebo_rank": effect and effect.placebo_rank,
        "n_placebos": effect and effect.n_placebos,
        "pre_fit_error": found.pre_fit_error,
        "detectable_ratio": effect and effect.detectable_ratio,
        "last_evening": last_evening,
        "n_nights": found.n_nights,
        "n_nights_covered": found.n_covered,
        "is_post_hoc": intervention.is_post_hoc,
        "why_not": found.why_not,
    }


def _period_rows(
    key: tuple[Intervention, str, Method], trial: Trial, comparisons: Sequence[Comparison], source: int
) -> list[Row]:
    """Return the four-week sums of the place itself, those of its own window first; none of which no night is known."""
    rows = []
    for one in comparisons:
        n_known = by_period(trial.seen(one.window)[trial.place, source].astype(np.float64), one.window)
        for period, evening in enumerate(one.window.periods):
            if not n_known[period]:
                continue
            due = one.n_counterfactual[trial.place, source, period]
            rows.append(
                _key(*key)
                | {
                    "first_evening": _day(trial, evening),
                    "is_after": one.window == trial.window,
                    "n_observed": int(one.n_observed[trial.place, source, period]),
                    "n_counterfactual": None if np.isnan(due) else float(due),
                }
            )
    return rows


def _placebo_rows(
    key: tuple[Intervention, str, Method], trial: Trial, comparisons: Sequence[Comparison], source: int
) -> list[Row]:
    return [
        _key(*key)
        | {
            "place_code": trial.panel.centres[place],
            "first_evening": _day(trial, one.window.origin),
            "n_observed": int(gaps.n_observed[n]),
            "n_counterfactual": float(gaps.n_counterfactual[n]),
        }
        for one, places, gaps in placebos_of(trial, comparisons, source)
        for n, place in enumerate(places)
    ]


def _frames(effects: list[Row], periods: list[Row], placebos: list[Row]) -> Evaluated:
    tables = INTERVENTION_EFFECTS, INTERVENTION_PERIODS, INTERVENTION_PLACEBOS
    made = []
    for table, rows in zip(tables, (effects, periods, placebos), strict=True):
        schema = {name: dtype for name, dtype in table.schema.items() if name != "as_of"}
        # The last digits of a sum depend on how it was added up.
        made.append(
            pl.DataFrame(rows, schema, orient="row").with_columns(pl.col(pl.Float64).round_sig_figs(9))
        )
    return Evaluated(*made)
