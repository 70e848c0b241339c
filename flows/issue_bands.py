"""Say what is to be expected of the coming weekend: inputs, the area's fit, shards of centres, and all of it kept."""

from datetime import timedelta
from typing import Any

from flows.declared import FORECASTS, Flow, Rule, Step
from flows.run import Run

LONGEST = timedelta(hours=1)


def plan(run: Run) -> list[str]:
    """Write the inputs of every weekend that is due."""
    from forecasts.steps import plan_bands

    return plan_bands(run.settings, run.area, run.now, run.shared)


def fit_area(run: Run, weekend: str) -> list[dict[str, Any]]:
    """Fit what all centres have in common."""
    from forecasts.issuing.weekend_files import fit_weekend  # Prophet takes seconds to import

    return [shard.plain() for shard in fit_weekend(run.shared, weekend, run.settings.centres_per_shard)]


def cut(run: Run, fitted: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """List the shards of all weekends."""
    return [shard for of_weekend in fitted for shard in of_weekend]


def forecast(run: Run, shard: dict[str, Any]) -> int:
    """Write the bands of some centres."""
    from forecasts.issuing.weekend_files import Shard, forecast_shard

    return forecast_shard(run.shared, Shard.of(shard))


def load(run: Run, weekends: list[str], shards: list[dict[str, Any]] | None) -> dict[str, object]:
    """Put the bands into the warehouse, and remove the files of past weekends."""
    from forecasts.issuing.weekend_files import Shard
    from forecasts.steps import load_bands

    made = [Shard.of(shard) for shard in shards or []]
    done = load_bands(run.settings, run.area, run.now, run.shared, weekends, made)
    return {"nights": [str(evening) for evening in done.evenings], "bands": done.n_bands}


ISSUE_BANDS = Flow(
    "issue_bands",
    tag="forecast",
    on_clock=lambda area: ("0 15 * * *",),
    steps=(
        Step(plan),
        Step(
            fit_area,
            takes={"weekend": "plan"},
            each="weekend",
            title="weekend of {{ task.op_kwargs['weekend'][:10] }}",
            pool=FORECASTS,
            longest=LONGEST,
        ),
        Step(cut, takes={"fitted": "fit_area"}, pool=FORECASTS, longest=LONGEST),
        Step(
            forecast,
            takes={"shard": "cut"},
            each="shard",
            title="{{ task.op_kwargs['shard']['title'] }}",
            pool=FORECASTS,
            longest=LONGEST,
        ),
        Step(
            load,
            takes={"weekends": "plan", "shards": "cut"},
            after=("forecast",),
            rule=Rule.NONE_FAILED,
            makes="bands",
        ),
    ),
)
