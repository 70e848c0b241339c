"""Must somebody know, given what they already know? One pure function; each answer is a named reason."""

from dataclasses import dataclass

from alerts.deciding.facts import AlertFacts
from nte.words import Detector, Reason, Verdict


@dataclass(frozen=True)
class Said:
    """What people were last told about an alert."""

    facts: AlertFacts
    reason: Reason

    @property
    def is_withdrawn(self) -> bool:
        """Say whether they were told that it no longer holds."""
        return self.reason is Reason.WITHDRAWN

    @property
    def is_closed(self) -> bool:
        """Say whether they were told that it is complete."""
        return self.facts.is_complete


@dataclass(frozen=True)
class Circumstances:
    """What people have asked for, and whether another alert speaks for this one."""

    is_silenced: bool = False
    """In every channel; far above goes through. In one channel alone it is decided in the outbox."""
    is_acknowledged: bool = False
    is_grouped: bool = False


def decide(facts: AlertFacts, said: Said | None, around: Circumstances) -> Reason | None:
    """Return what to do about an alert this morning, or None when there is and was nothing to tell.

    In `facts` what people were told is above still is while it may well stand (`as_told`).
    """
    if said is None:
        return _decide_first(facts, around)
    if not facts.level.rank:
        return Reason.NOT_KNOWN
    if not facts.level.is_exceedance:
        return _decide_end(facts, said)
    reason = _compare(facts, said)
    is_as_high = facts.level is said.facts.level and not _newly_far(facts, said)
    is_small = is_as_high and not said.is_withdrawn
    is_held = is_small or facts.level is not Verdict.FAR_ABOVE
    if around.is_silenced and is_held and reason not in (Reason.UNCHANGED, Reason.COMPLETED):
        return Reason.SILENCED
    if around.is_acknowledged and is_small and reason in (Reason.ROSE, Reason.FELL):
        return Reason.ACKNOWLEDGED
    return reason


def _decide_first(facts: AlertFacts, around: Circumstances) -> Reason | None:
    if not facts.level.is_exceedance:
        return None
    if around.is_silenced and facts.level is not Verdict.FAR_ABOVE:
        return Reason.SILENCED
    return Reason.GROUPED if around.is_grouped else Reason.FIRST


def _decide_end(facts: AlertFacts, said: Said) -> Reason:
    """Decide about what no longer is above: by the rule before, only what is as good as complete is withdrawn.

    What people were told of by the rule before falls by that rule.
    """
    if said.is_withdrawn:
        return Reason.UNCHANGED
    is_by_chance = facts.stands_chance is not None and said.facts.stands_chance is not None
    if is_by_chance or facts.is_settled or _has_lost_records(facts, said):
        return Reason.WITHDRAWN
    return Reason.NOT_YET_COMPLETE


def _compare(facts: AlertFacts, said: Said) -> Reason:
    """Compare what is above now with what people were told was above."""
    is_higher = facts.level.rank > said.facts.level.rank or _newly_far(facts, said)
    if said.is_withdrawn or is_higher or _has_new(facts, said):
        return Reason.ROSE
    has_fallen = facts.level.rank < said.facts.level.rank
    if said.is_closed:
        return Reason.FELL if has_fallen else Reason.UNCHANGED
    if moved := changes(facts, said).values():
        return Reason.FELL if min(moved) < 0 else Reason.ROSE
    return _compare_still(facts, said, has_fallen=has_fallen)


def _compare_still(facts: AlertFacts, said: Said, *, has_fallen: bool) -> Reason:
    """Compare when no count that people were told of has moved."""
    if has_fallen:
        return Reason.FELL if facts.is_settled else Reason.NOT_YET_COMPLETE
    if facts.is_complete:
        return Reason.COMPLETED
    if facts.stands_chance is not None and facts.is_doubtful is not said.facts.is_doubtful:
        return Reason.DOUBTFUL if facts.is_doubtful else Reason.FIRM
    if _has_filled(facts, said):
        return Reason.FILLED
    return Reason.FRESH if _numbers_have_moved(facts, said) else Reason.UNCHANGED


def _numbers_have_moved(facts: AlertFacts, said: Said) -> bool:
    """Say whether any number in the message is another, or a source that saw it can no longer be judged.

    Numbers are counts, the chance, and how full the night is.
    """
    known = said.facts.views
    if any(key in known and known[key].why_unknown != view.why_unknown for key, view in facts.views.items()):
        return True
    if facts.stands_chance is None:
        return False
    if _percent(facts.stands_chance) != _percent(said.facts.stands_chance):
        return True
    return any(
        (view.n_incidents, _percent(view.known_share)) != (before.n_incidents, _percent(before.known_share))
        for key, view in facts.views.items()
        if (before := said.facts.views.get(key)) is not None
    )


def _percent(share: float | None) -> int:
    return round(100 * (share or 0.0))


def _has_new(facts: AlertFacts, said: Said) -> bool:
    """Say whether a source or centre is above now that was not."""
    return bool(facts.alarming.keys() - said.facts.alarming.keys()) and not said.is_closed


def _newly_far(facts: AlertFacts, said: Said) -> bool:
    """Say whether a town centre is far above now that was only named among many: it has no alert of its own."""
    if facts.detector is not Detector.MANY_CENTRES:
        return False
    now, before = (
        {night.centre_code for night in one.nights if night.level is Verdict.FAR_ABOVE}
        for one in (facts, said.facts)
    )
    return bool(now - before)


def _has_lost_records(facts: AlertFacts, said: Said) -> bool:
    return any(change < 0 for change in changes(facts, said).values())


def _has_filled(facts: AlertFacts, said: Said) -> bool:
    """Say whether a source became known, or another verdict, that is not above."""
    before = said.facts.views
    known = {key: view for key, view in facts.views.items() if view.verdict is not Verdict.UNKNOWN}
    return any(key not in before or before[key].verdict is not view.verdict for key, view in known.items())


def changes(facts: AlertFacts, said: Said) -> dict[tuple[str, str, str], int]:
    """Return by how much each count that people were told was above has changed since; nought is left out."""
    moved = {}
    for key, before in said.facts.alarming.items():
        now = facts.views.get(key)
        if now is None or now.n_incidents is None or before.n_incidents is None:
            continue
        if now.n_incidents != before.n_incidents:
            moved[key] = now.n_incidents - before.n_incidents
    return moved
