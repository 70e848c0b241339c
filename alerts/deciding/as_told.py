"""What people were told stands until a record has gone or hardly any chance is left: no flip while a night fills."""

from alerts.deciding.decisions import Said
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from nte.detectors import window_of
from nte.words import Verdict


def as_told(facts: AlertFacts, said: Said | None, delta: float) -> AlertFacts:
    """Return the facts in which a count that people were told is above stays so while it may well stand.

    Its chance must exceed `delta`, and none of its records may have gone. Far above stays so until the night is
    settled. By the rule before, which knows no chance, nothing is held.
    """
    if said is None or said.is_withdrawn:
        return facts
    nights = tuple(_night(night, said, delta, is_settled=facts.is_settled) for night in facts.nights)
    level = max((night.level for night in nights), key=lambda v: v.rank, default=Verdict.UNKNOWN)
    if window_of(facts.detector) is not None:
        level = Verdict.ABOVE if _window_holds(facts, said, delta) else facts.level
    return facts.model_copy(update={"nights": nights, "level": level})


def _night(night: NightFacts, said: Said, delta: float, *, is_settled: bool) -> NightFacts:
    views = tuple(
        _view(
            view,
            said.facts.views.get((night.centre_code, str(night.evening), view.source)),
            delta,
            is_settled,
        )
        for view in night.sources
    )
    return night.model_copy(update={"sources": views})


def _view(now: SourceFacts, before: SourceFacts | None, delta: float, is_settled: bool) -> SourceFacts:
    if before is None or now.stands_chance is None or now.verdict.rank >= before.verdict.rank:
        return now
    if not before.verdict.is_exceedance or _has_gone(now, before) or now.stands_chance <= delta:
        return now
    return now.model_copy(update={"verdict": Verdict.ABOVE if is_settled else before.verdict})


def _window_holds(facts: AlertFacts, said: Said, delta: float) -> bool:
    if facts.stands_chance is None or not said.facts.level.is_exceedance:
        return False
    gone = any(
        _has_gone(view, said.facts.views[key]) for key, view in facts.views.items() if key in said.facts.views
    )
    return not gone and facts.stands_chance > delta


def _has_gone(now: SourceFacts, before: SourceFacts) -> bool:
    """Say whether a record that people were told of is no longer counted."""
    return (
        now.n_incidents is not None
        and before.n_incidents is not None
        and now.n_incidents < before.n_incidents
    )
