"""Take what the providers sent, decide whether it can be believed, and count the incidents of every night anew."""

from flows.declared import TAKE_FIRST, Flow, Rule, Step
from flows.pickup_places import open_place
from flows.run import FoundError, Run, SkippedError
from nte.area import Area
from nte.errors import NteError
from nte.pickup.fetch import Fetched, fetch_deliveries


def check(run: Run, source: str) -> list[dict[str, str]]:
    """Decide which new files of a source may be believed; the counts are the XCom `taken`."""
    from expectations.steps import check_deliveries, waiting_files  # takes seconds

    only = run.wanted.get("source")
    if only not in (None, source):
        raise SkippedError(f"Only {only} was asked for.")
    if run.wanted.get("dry_run"):
        names = waiting_files(run.settings, run.area, source, run.now)
        raise SkippedError(f"A dry run: would take {', '.join(names) or 'nothing'}.")
    problem = _fetch(run, source)
    done = check_deliveries(run.settings, run.area, source, run.now)
    run.note("taken", done.for_people())
    if problem:
        raise problem
    return done.rejected()


def _fetch(run: Run, source: str) -> NteError | None:
    """Fetch what the provider has left; return what hinders that, so that what is here is checked all the same."""
    try:
        with open_place(run.area.sources[source]) as place:
            done = (
                fetch_deliveries(run.settings, run.area, source, place, run.now, tell=run.tell)
                if place
                else Fetched()
            )
    except NteError as problem:
        return problem
    if done.names or done.growing:
        run.note("fetched", {"files": list(done.names), "still_growing": list(done.growing)})
    return None


def _on_clock(area: Area) -> tuple[str, ...]:
    """Return when deliveries are taken: at six, and all morning long where some are fetched."""
    is_fetched = any(source.pickup for source in area.sources.values())
    return ("0 6 * * *", "*/15 6-11 * * *") if is_fetched else ("0 6 * * *",)


def refused(run: Run, delivery: dict[str, str]) -> None:
    """Turn red for a file that was refused, and say what to do."""
    run.see(f"delivery/{delivery['delivery_id']}")
    raise FoundError(delivery["summary"])


def conform(run: Run, source: str) -> dict[str, object]:
    """Turn the believed files of a source into records."""
    from transforms.steps import conform_deliveries

    done = conform_deliveries(run.settings, run.area, source)
    return {"deliveries": len(done.delivery_ids), "records": done.n_records}


def count_nights(run: Run) -> dict[str, int]:
    """Bring the night counts of all sources up to what is known."""
    from transforms.steps import count_nights as step

    if run.wanted.get("dry_run"):
        raise SkippedError("A dry run counts nothing.")
    done = step(run.settings, run.area, run.now)
    return {"records": done.n_records, "new_values": done.n_revisions_new, "unknown": done.n_nights_unknown}


def told(run: Run) -> None:
    """Stand behind the refused files, so that their red is no failure of the run."""


def worked(run: Run) -> None:
    """Be red, and the run with it, where work has failed: a check, a conversion or the count."""


TAKE_DELIVERIES = Flow(
    "take_deliveries",
    tag="ingest",
    on_clock=_on_clock,
    on_assets=("inbox",),
    weight=TAKE_FIRST,
    of_each_source=(
        Step(check),
        Step(
            refused,
            takes={"delivery": "check"},
            each="delivery",
            title="{{ task.op_kwargs['delivery']['file'] }}",
            retries=0,
            is_answer=True,
        ),
        Step(conform, after=("check",)),
    ),
    steps=(
        Step(count_nights, after=("conform",), rule=Rule.ALL_ENDED, makes="night_counts"),
        Step(told, after=("refused",), rule=Rule.ALL_ENDED, is_mark=True),
        Step(worked, after=("check", "conform", "count_nights"), rule=Rule.NONE_FAILED, is_mark=True),
    ),
)
