"""What an alert looks like to readers who may not know its small counts: every hidden count looks the same to them.

A message is written from this alone, so that nothing in it can depend on a count that it hides: `docs/decisions.md`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from alerts.deciding.decisions import Circumstances, Said, decide
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from nte.area import Area
from nte.detectors import window_of
from nte.disclosure import DisclosurePolicy, policy_of
from nte.words import Audience, Detector, Reason, Verdict

IN_PLACE_OF_ALL = 0
"""Stands for every hidden count: no policy says it."""
_GONE = dict.fromkeys(("alert_limit", "limit_so_far", "p_value", "stands_chance", "is_noted"))


def as_seen(facts: AlertFacts, area: Area, audience: Audience) -> AlertFacts:
    """Return the facts as these readers may know them; not above where they may not be told of the alert at all.

    Of a hidden count nothing is left but that it is hidden, and that its source sees an alert about the night, where
    that leaves enough counts to choose from.
    """
    return _Eyes(area, policy_of(area), audience).alert(facts)


def of_own(facts: AlertFacts, own: Collection[str]) -> AlertFacts:
    """Return an alert about many town centres as the districts of these `own` ones are told of it.

    What each counted is for its own district: of the others there is only how many of them are above.
    """
    if facts.detector is not Detector.MANY_CENTRES or facts.n_elsewhere is not None:
        return facts
    nights = tuple(night for night in facts.nights if night.centre_code in own)
    level = max((night.level for night in nights), key=lambda v: v.rank, default=Verdict.UNKNOWN)
    n_elsewhere = sum(n.level.is_exceedance for n in facts.nights) - sum(
        n.level.is_exceedance for n in nights
    )
    return facts.model_copy(update={"nights": nights, "level": level, "n_elsewhere": n_elsewhere})


def said_here(said: Said, area: Area, audience: Audience) -> Said:
    """Return what readers were last told, as they see it."""
    seen = as_seen(said.facts, area, audience)
    return Said(seen, said.reason if seen.level.is_exceedance else Reason.WITHDRAWN)


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


@dataclass(frozen=True)
class _Eyes:
    """How one audience sees."""

    area: Area
    policy: DisclosurePolicy
    audience: Audience

    def alert(self, facts: AlertFacts) -> AlertFacts:
        is_window = window_of(facts.detector) is not None
        nights = tuple(self._night(night, is_window=is_window) for night in facts.nights)
        if facts.detector is Detector.MANY_CENTRES:
            nights = tuple(n for n in nights if n.level.is_exceedance or not self._hidden([n]))
        level = max((night.level for night in nights), key=lambda v: v.rank, default=Verdict.UNKNOWN)
        if is_window:
            level = facts.level if self._may_tell_window(facts) else Verdict.WITHIN
        seen = facts.model_copy(update={"nights": nights, "level": level, "score": None, "score_limit": None})
        chance = self._chance(seen)
        return seen if chance == seen.stands_chance else seen.model_copy(update={"stands_chance": chance})

    def _is_hidden(self, view: SourceFacts) -> bool:
        n_incidents = view.n_incidents
        return n_incidents is not None and not self.policy.is_shown(view.source, n_incidents, self.audience)

    def _hidden(self, nights: Iterable[NightFacts]) -> list[SourceFacts]:
        return [view for night in nights for view in night.sources if self._is_hidden(view)]

    def _may_tell_window(self, facts: AlertFacts) -> bool:
        """Say whether a window's least sum leaves every count in it that is hidden all its values."""
        most = [self.policy.least_shown(v.source, self.audience) - 1 for v in self._hidden(facts.nights)]
        views = [view for night in facts.nights for view in night.sources]
        said = sum(view.n_incidents or 0 for view in views if not self._is_hidden(view))
        least = self.area.alerts.least_sum.get(facts.detector, 0)
        return all(said + sum(most) - own >= least for own in most)

    def _night(self, night: NightFacts, *, is_window: bool) -> NightFacts:
        views = tuple(self._view(view, is_window=is_window) for view in night.sources)
        return night if views == night.sources else night.model_copy(update={"sources": views})

    def _view(self, view: SourceFacts, *, is_window: bool) -> SourceFacts:
        if not self._is_hidden(view):
            may_say = self.policy.may_name_limit(view.source, view.alert_limit, self.audience)
            return view if may_say else view.model_copy(update={"alert_limit": None, "limit_so_far": None})
        may_alert = not is_window and self.policy.may_alert_on_hidden(view.source, self.area, self.audience)
        verdict = view.verdict if view.verdict is Verdict.UNKNOWN else Verdict.WITHIN
        is_told = may_alert and view.verdict.is_exceedance
        told = {"n_incidents": IN_PLACE_OF_ALL, "verdict": Verdict.ABOVE if is_told else verdict}
        return view.model_copy(update=_GONE | told)

    def _chance(self, seen: AlertFacts) -> float | None:
        """Return the chance to stand as the counts that are shown have it; None where a hidden one is behind it."""
        if window_of(seen.detector) is not None:
            return None if self._hidden(seen.nights) else seen.stands_chance
        if any(self._is_hidden(view) for view in seen.alarming.values()):
            return None
        views = seen.alarming or seen.views
        return max((v.stands_chance for v in views.values() if v.stands_chance is not None), default=None)
