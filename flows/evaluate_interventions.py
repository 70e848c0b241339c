"""Say of each intervention what it did: beside what would have come without it, and beside placebos."""

from datetime import timedelta

from flows.declared import Flow, Step
from flows.publish_warehouse import publish
from flows.run import Run, SkippedError


def evaluate(run: Run) -> int:
    """Evaluate the interventions of the area folder as known on the last morning; return the number of effects."""
    from forecasts.steps import evaluate_interventions

    chosen = run.wanted.get("intervention")
    found = [one for one in run.area.interventions if chosen in (None, one.intervention_id)]
    if not found:
        raise SkippedError("The area folder declares no intervention: nothing to evaluate.")
    as_of = run.wanted.get("as_known") or run.area.clock.last_morning(run.now)
    return evaluate_interventions(run.settings, run.area, as_of, found)


EVALUATE_INTERVENTIONS = Flow(
    "evaluate_interventions",
    tag="evaluate",
    on_clock=lambda area: ("0 10 6 * *",),
    steps=(
        Step(evaluate, longest=timedelta(hours=1)),
        Step(publish, after=("evaluate",), makes="published"),
    ),
)
