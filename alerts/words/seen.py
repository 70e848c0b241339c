"""What an alert looks like to readers who may not know its small counts: every hidden count looks the same to them.

A message is written from this alone, so that nothing in it can depend on a count that it hides: `docs/decisions.md`.
"""

from collections.abc import Iterable

from alerts.deciding.decisions import Circumstances, Said, decide
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from nte.area import Area
from nte.detectors import window_of
from nte.disclosure import policy_of
from nte.words import Audience, Detector, Reason, Verdict

IN_PLACE_OF_ALL = 0
"""Stands for every hidden count: no policy says it."""


def as_seen(facts: AlertFacts, area: Area, audience: Audience) -> AlertFacts:
    """Return the facts as these readers may know them; not above where they may not be told of the alert at all.

    Of a hidden count nothing is left but that it is hidden, and that its source sees an alert about the night, where
    that leaves enough counts to choose from.
    """
    is_window = window_of(facts.detector) is not None
    nights = tuple(_night(night, area, audience, is_window=is_window) for night in facts.nights)
    if facts.detector is Detector.MANY_CENTRES:
        nights = tuple(n for n in nights if n.level.is_exceedance or not _hidden([n], area, audience))
    level = max((night.level for night in nights), key=lambda v: v.rank, default=Verdict.UNKNOWN)
    if is_window:
        level = facts.level if may_tell_window(facts, area, audience) else Verdict.WITHIN
    seen = facts.model_copy(update={"nights": nights, "level": level, "score": None, "score_limit": None})
    return seen.model_copy(update={"stands_chance": _chance(seen, area, audience)})


def is_hidden(view: SourceFacts, area: Area, audience: Audience) -> bool:
    """Say whether a view has a count that these readers may not know."""
    n_incidents = view.n_incidents
    return n_incidents is not None and not policy_of(area).is_shown(view.source, n_incidents, audience)


def may_tell_window(facts: AlertFacts, area: Area, audience: Audience) -> bool:
    """Say whether a window's least sum leaves every count in it that is hidden all its values."""
    policy = policy_of(area)
    hidden = _hidden(facts.nights, area, audience)
    most = [policy.least_shown(view.source, audience) - 1 for view in hidden]
    said = sum(
        view.n_incidents or 0
        for night in facts.nights
        for view in night.sources
        if not is_hidden(view, area, audience)
    )
    least = area.alerts.least_sum.get(facts.detector, 0)
    return all(said + sum(most) - own >= least for own in most)


def reason_here(reason: Reason, seen: AlertFacts, before: Said) -> Reason:
    """Return what a decision that is said comes to for readers who see this, and were told `before` as they see it.

    Whatever is no longer above as they see it is withdrawn here: that it still is would tell a hidden count.
    """
    if not seen.level.is_exceedance:
        return Reason.UNCHANGED if before.is_withdrawn else Reason.WITHDRAWN
    if not reason.is_revision and not before.is_withdrawn:
        return reason
    here = decide(seen, before, Circumstances())
    return here if here is not None and here.is_said else Reason.FRESH


def said_here(said: Said, area: Area, audience: Audience) -> Said:
    """Return what readers were last told, as they see it."""
    seen = as_seen(said.facts, area, audience)
    return Said(seen, said.reason if seen.level.is_exceedance else Reason.WITHDRAWN)


def _night(night: NightFacts, area: Area, audience: Audience, *, is_window: bool) -> NightFacts:
    views = tuple(_view(view, area, audience, is_window=is_window) for view in night.sources)
    return night.model_copy(update={"sources": views})


def _view(view: SourceFacts, area: Area, audience: Audience, *, is_window: bool) -> SourceFacts:
    policy = policy_of(area)
    if not is_hidden(view, area, audience):
        may_say = policy.may_name_limit(view.source, view.alert_limit, audience)
        return view if may_say else view.model_copy(update={"alert_limit": None, "limit_so_far": None})
    is_told = (
        view.verdict.is_exceedance
        and not is_window
        and policy.may_alert_on_hidden(view.source, area, audience)
    )
    verdict = view.verdict if view.verdict is Verdict.UNKNOWN else Verdict.WITHIN
    gone = dict.fromkeys(("alert_limit", "limit_so_far", "p_value", "stands_chance"))
    told = {"n_incidents": IN_PLACE_OF_ALL, "verdict": Verdict.ABOVE if is_told else verdict}
    return view.model_copy(update=gone | told)


def _chance(seen: AlertFacts, area: Area, audience: Audience) -> float | None:
    """Return the chance to stand as the counts that are shown have it; None for a window with a hidden one."""
    views = seen.alarming or seen.views
    if window_of(seen.detector) is not None:
        return None if _hidden(seen.nights, area, audience) else seen.stands_chance
    return max((v.stands_chance for v in views.values() if v.stands_chance is not None), default=None)


def _hidden(nights: Iterable[NightFacts], area: Area, audience: Audience) -> list[SourceFacts]:
    return [view for night in nights for view in night.sources if is_hidden(view, area, audience)]
