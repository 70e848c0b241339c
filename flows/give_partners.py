"""Give partners the quarters that have become final, and write their pages."""

from flows.declared import Flow, Step
from flows.run import Run, SkippedError


def give(run: Run) -> dict[str, object]:
    """Make an edition where a quarter has become final, and write out every edition and the pages of the newest."""
    from reports.partners.steps import NoFinalQuarterError, give_edition, write_site

    run.skip_in_rehearsal("A rehearsal gives partners nothing.")
    copy = run.settings.published_file
    try:
        done = give_edition(run.settings, run.area, copy, run.now)
    except NoFinalQuarterError as nothing:
        raise SkippedError(str(nothing)) from nothing
    write_site(run.settings, run.area, copy)
    return {"edition": str(done.edition), "is_new": done.is_new, **done.n_by_status}


GIVE_PARTNERS = Flow(
    "give_partners",
    tag="publish",
    on_clock=lambda area: ("0 11 8 * *",),
    steps=(Step(give),),
)
