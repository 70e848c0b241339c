"""Say of each intervention what it did: beside what would have come without it, and beside placebos."""

from datetime import datetime, timedelta
from importlib.util import find_spec

from flows.declared import Flow, Rule, Step
from flows.publish_warehouse import publish
from flows.run import Run, SkippedError
from nte.interventions import Intervention


def evaluate(run: Run) -> int:
    """Evaluate the interventions of the area folder as known on the last morning; return the number of effects."""
    from forecasts.steps import evaluate_interventions

    return evaluate_interventions(run.settings, run.area, _morning(run), _chosen(run))


def compare_actions(run: Run) -> int:
    """Set the nights after alerts that were acted on beside those after others; return the alerts acted on."""
    from forecasts.steps import evaluate_actions

    return evaluate_actions(run.settings, run.area, _morning(run))


def write_pages(run: Run) -> list[str]:
    """Write a page of each for the Board; return where they are. What makes its tables is in the extra `report`."""
    if find_spec("great_tables") is None:
        raise SkippedError(
            "No page: great-tables is not installed. Install the extra: pip install 'nte-monitor[report]'."
        )
    from reports.steps import write_intervention_pages

    pages = write_intervention_pages(run.settings, run.area, _morning(run), _chosen(run))
    return [str(page) for page in pages]


def _morning(run: Run) -> datetime:
    """Return the morning whose knowledge is asked for: the last one, where nobody names another."""
    named: datetime | None = run.wanted.get("as_known")
    return named or run.area.clock.last_morning(run.now)


def _chosen(run: Run) -> list[Intervention]:
    """Return the interventions that are evaluated: all, where nobody names one."""
    name = run.wanted.get("intervention")
    found = [one for one in run.area.interventions if name in {None, one.intervention_id}]
    if not found:
        raise SkippedError("The area folder declares no intervention: nothing to evaluate.")
    return found


EVALUATE_INTERVENTIONS = Flow(
    "evaluate_interventions",
    tag="evaluate",
    on_clock=lambda area: ("0 10 6 * *",),
    steps=(
        Step(evaluate, longest=timedelta(hours=1)),
        Step(compare_actions),
        Step(publish, after=("evaluate", "compare_actions"), rule=Rule.NONE_FAILED, makes="published"),
        Step(write_pages, after=("publish",)),
    ),
)
