"""What changed since people were last told of an alert, and why: the words of a reply in its thread."""

from dataclasses import dataclass
from datetime import date

from alerts.deciding.decisions import Said, changes
from alerts.deciding.facts import AlertFacts, SourceFacts
from alerts.words.wording import SourceWording
from nte.area import Area
from nte.detectors import window_of
from nte.english import listed, say_day
from nte.words import Audience, Detector, Reason

_TITLES = {
    Reason.WITHDRAWN: "The alert is withdrawn",
    Reason.DOUBTFUL: "It has become doubtful",
    Reason.FIRM: "It is no longer doubtful",
}
_STILL = "still above what was expected"
_CHANGED = "Changed since it was last said"
_TOO_FEW = "Fewer have come than were likely to, and it is very unlikely to pass its limit now."
_FURTHER = "With what has come in since, the same counts stand further above what was expected."
_BY_CHANCE = {
    Reason.ROSE: _FURTHER,
    Reason.FELL: "No record has gone; fewer have come since than far above takes.",
    Reason.WITHDRAWN: (
        "No record has gone; fewer have come since than it takes, and it is very unlikely to pass its limit now."
    ),
}
"""Why a verdict is another though no count has moved, by the chance to stand …"""
_BY_NOW = {
    Reason.ROSE: _FURTHER,
    Reason.FELL: "No record has gone; the night is fuller now, and so many by this time are less unusual.",
    Reason.WITHDRAWN: "No record has gone; the night is fuller now, and so full it is not unusual enough for an alert.",
}
"""… and by the rule before, against what should be known by now."""


@dataclass(frozen=True)
class Changes:
    """Says to one audience what changed, from facts as it may know them, then and now."""

    area: Area
    sources: SourceWording

    def title(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        """Return 'Now higher': what has become of it, in a few words."""
        if reason in _TITLES:
            return _TITLES[reason]
        if said.is_withdrawn:
            return "Above what was expected again"
        return _CHANGED if self._is_part(facts) else self._which_way(facts, reason, said)

    def _which_way(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        """Return 'Now higher': which way the counts of an alert that stands have gone."""
        mixed = self._both_ways(facts, said)
        if reason is Reason.FELL:
            return f"{mixed or 'Now lower'}, {_STILL}"
        if named := mixed or self._joined(facts, said):
            return named
        if moved := changes(facts, said):
            return "Now higher" if min(moved.values()) > 0 else _CHANGED
        return "More of it is above what was expected" if _fresh(facts, said) else "Now further above"

    def _is_part(self, facts: AlertFacts) -> bool:
        """Say whether a district reads its part alone of many town centres: a count may be gone from it by now."""
        return facts.detector is Detector.MANY_CENTRES and self.sources.audience is Audience.LICENSING

    def _both_ways(self, facts: AlertFacts, said: Said) -> str:
        """Return 'Now higher in A&E, lower in Police' where counts have gone both ways; empty where they have not."""
        moved = changes(facts, said)
        higher = {key[2] for key, by in moved.items() if by > 0} | {key[2] for key in _fresh(facts, said)}
        lower = {key[2] for key, by in moved.items() if by < 0}
        if not (higher and lower):
            return ""
        if higher & lower:
            return "Some counts are higher now, others lower"
        return f"Now higher in {self._titles(higher)}, lower in {self._titles(lower)}"

    def _joined(self, facts: AlertFacts, said: Said) -> str:
        """Return 'A&E now sees it too' where another source has joined those that see a night; empty for any other."""
        fresh = {key[2] for key in _fresh(facts, said)}
        if (
            facts.detector is not Detector.NIGHT
            or not fresh
            or not facts.alarming.keys() & said.facts.alarming.keys()
        ):
            return ""
        return f"{self._titles(fresh)} now {'sees' if len(fresh) == 1 else 'see'} it too"

    def _joining(self, view: SourceFacts, evening: date) -> str:
        """Return the sentence of a source that is above now, and by what where it has not passed its limit."""
        said = self.sources.sentence(view, evening)
        passes = view.may_still_fall and not self.sources.is_hidden(view)
        return f"{said} It will very likely end above {view.alert_limit}." if passes else said

    def _titles(self, sources: set[str]) -> str:
        return listed([self.sources.title(source) for source in self.area.sources if source in sources])

    def said(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        """Return '2 late police records; 9 → 11.' for each count that moved, and what follows from it."""
        said_changes = [
            self._change(said.facts.views[key], facts.views[key], self._where(facts, key))
            for key in changes(facts, said)
        ]
        said_new = [
            f"{self._where(facts, key)}{self._joining(facts.alarming[key], _evening(facts, key))}"
            for key in sorted(_fresh(facts, said))
        ]
        lines = [*said_changes, *said_new]
        if reason is Reason.WITHDRAWN:
            lines += self._why_withdrawn(facts, said, lines)
        if reason in (Reason.DOUBTFUL, Reason.FIRM):
            lines.append(self._chance_now(facts))
        return " ".join(lines or [self._without_change(facts, reason, said)])

    def _why_withdrawn(self, facts: AlertFacts, said: Said, lines: list[str]) -> list[str]:
        """Return what has gone of a window, whose nights need not be above by themselves; else that too few came."""
        lost = [
            (before, now, key)
            for key, before in said.facts.views.items()
            if (now := facts.views.get(key)) is not None
            and now.n_incidents is not None
            and now.n_incidents < (before.n_incidents or 0)
        ]
        if lost:
            alike = said.facts.alarming
            return [
                self._change(old, now, self._where(facts, key)) for old, now, key in lost if key not in alike
            ]
        return [_TOO_FEW] if lines else []

    def _chance_now(self, facts: AlertFacts) -> str:
        """Return 'It will probably not stand (4 in 10). It will be known by Friday 3 April.'"""
        said = self.sources.chance(facts, lead="As it now looks it") or "The night is still filling."
        if facts.confirmed_by is None:
            return said
        return f"{said} Confirmed or withdrawn by {say_day(facts.confirmed_by)}."

    def _without_change(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        spoken_of = said.facts.views if window_of(facts.detector) else said.facts.alarming
        then_and_now = [(view, facts.views.get(key)) for key, view in spoken_of.items()]
        if self._is_part(facts) or any(
            v is not None and self.sources.is_hidden(v) for pair in then_and_now for v in pair
        ):
            return "What has changed is not said: it would tell of a count that is too small to be said."
        is_by_chance = any(view.stands_chance is not None for view in facts.views.values())
        return (_BY_CHANCE if is_by_chance else _BY_NOW)[reason]

    def _where(self, facts: AlertFacts, key: tuple[str, str, str]) -> str:
        if facts.detector is Detector.NIGHT:
            return ""
        if facts.detector is Detector.MANY_CENTRES:
            return f"{self.area.centre_name(key[0])}: "
        return f"{say_day(_evening(facts, key))}: "

    def _change(self, before: SourceFacts, now: SourceFacts, where: str) -> str:
        title = self.sources.title(now.source)
        old, new = before.n_incidents or 0, now.n_incidents or 0
        more = new > old
        said = self.sources.policy.say_change(now.source, old, new, self.sources.audience)
        if said is None:
            what = "late records came in" if more else "records were withdrawn or moved"
            return f"{where}{title}: {what}; now {self.sources.count(now)}."
        n_records = abs(new - old)
        noun = "record" if n_records == 1 else "records"
        lower = self.sources.noun(now.source)
        what = (
            f"{n_records} late {lower} {noun}" if more else f"{n_records} {lower} {noun} withdrawn or moved"
        )
        return f"{where}{what}; {said}."


def _fresh(facts: AlertFacts, said: Said) -> set[tuple[str, str, str]]:
    """Return which counts are above now that were not when it was last said."""
    return facts.alarming.keys() - said.facts.alarming.keys()


def _evening(facts: AlertFacts, key: tuple[str, str, str]) -> date:
    return next(n.evening for n in facts.nights if n.centre_code == key[0] and str(n.evening) == key[1])
