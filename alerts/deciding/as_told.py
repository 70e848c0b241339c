"""What people were told stands until a record has gone or hardly any chance is left: no flip while a night fills."""

from alerts.deciding.decisions import Said
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from nte.detectors import window_of
from nte.words import Verdict, WhyUnknown


def as_told(facts: AlertFacts, said: Said | None, delta: float) -> AlertFacts:
    """Return the facts in which a count that people were told is above stays so while it may well stand.

    Its chance must exceed `delta`, and none of its records may have gone; of a source that can no longer be judged the
    last known count stays, with the reason. Far above stays so until the night is settled. By the rule before, which
    knows no chance, nothing else is held. The chance is that of what the alert is about, and of no other count; it is
    complete when what it says can no longer fall.
    """
    is_told = said is not None and not said.is_withdrawn
    if said is not None and is_told:
        nights = tuple(_night(night, said, delta, is_settled=facts.is_settled) for night in facts.nights)
        level = max((night.level for night in nights), key=lambda v: v.rank, default=Verdict.UNKNOWN)
        if window_of(facts.detector) is not None:
            level = Verdict.ABOVE if _window_holds(facts, said, delta) else facts.level
        facts = facts.model_copy(update={"nights": nights, "level": level})
    if window_of(facts.detector) is None:
        facts = facts.model_copy(update={"stands_chance": _own_chance(facts, said if is_told else None)})
    return facts.model_copy(update={"is_complete": facts.is_complete and not _may_still_fall(facts)})


def _own_chance(facts: AlertFacts, said: Said | None) -> float | None:
    """Return the chance of the counts that are above, or of which people were told so.

    Of several sources of a night the likeliest is enough; of several town centres the least likely one may fall first.
    """
    about = facts.alarming.keys() | (said.facts.alarming.keys() if said else set())
    nights: dict[tuple[str, str], float] = {}
    for key in about & facts.views.keys() if about else facts.views.keys():
        chance = facts.views[key].stands_chance
        if chance is not None:
            nights[key[:2]] = max(chance, nights.get(key[:2], 0.0))
    return min(nights.values(), default=None)


def _may_still_fall(facts: AlertFacts) -> bool:
    """Say whether an alert by its chance is about a count that has not passed its limit, or is not known now."""
    if any(view.why_unknown for view in facts.alarming.values()):
        return True
    if facts.stands_chance is None or not facts.level.is_exceedance:
        return False
    if window_of(facts.detector) is not None:
        return facts.score is not None and facts.score_limit is not None and facts.score <= facts.score_limit
    return any(view.may_still_fall for view in facts.alarming.values())


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
    if before is None or not before.verdict.is_exceedance or now.verdict.rank >= before.verdict.rank:
        return now
    if now.verdict is Verdict.UNKNOWN:
        return before.model_copy(update={"why_unknown": now.why_unknown or str(WhyUnknown.TOO_EARLY)})
    if now.stands_chance is None or _has_gone(now, before) or now.stands_chance <= delta:
        return now
    verdict = Verdict.ABOVE if is_settled else before.verdict
    if verdict is now.verdict:
        return now
    # As rare as people were told; of a level that they were told of no more nothing is known that goes with the words.
    return now.model_copy(
        update={"verdict": verdict, "p_value": before.p_value if verdict is before.verdict else None}
    )


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
