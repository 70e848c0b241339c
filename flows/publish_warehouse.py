"""Hold what was said against what came, then make a fresh copy for analysts and swap it in at once."""

from flows.declared import Flow, Step
from flows.run import Run


def score_bands(run: Run) -> dict[str, int]:
    """Hold past bands and alerts against what came, each Monday, and name shifts that nobody announced."""
    from forecasts.steps import score_bands as step

    done = step(run.settings, run.area, run.now)
    return {"mondays": done.n_mondays, "out_of_bounds": done.n_out_of_bounds, "shifts": done.n_shifts}


def publish(run: Run) -> dict[str, int]:
    """Build the copy, check it, swap it in; then the metrics beside it."""
    from reports.metrics.steps import write_metrics
    from reports.steps import publish_warehouse

    done = publish_warehouse(run.settings, run.area, run.now)
    write_metrics(run.settings, run.area, run.now)
    return done


PUBLISH_WAREHOUSE = Flow(
    "publish_warehouse",
    tag="publish",
    on_clock=lambda area: ("30 7 * * *",),
    on_assets=("decisions",),
    steps=(Step(score_bands), Step(publish, after=("score_bands",), makes="published")),
)
