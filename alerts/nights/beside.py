"""What stands beside an alert: the same nights a week and a year before, the nights to come, and why it comes late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.deciding.facts import AlertFacts, SourceFacts
from alerts.nights.totals import totals_of
from alerts.words.message import strong
from alerts.words.other_nights import A_WEEK, A_YEAR, OtherNights, nights_before
from alerts.words.wording import SourceWording, say_expected
from nte.area import Area
from nte.detectors import window_of
from nte.english import listed, say_day, say_ordinal, say_short_day, say_span
from nte.words import Detector

HIDDEN = "small counts, not told"
LATE_DAYS = 3
"""So many days after its last evening an alert is late, and says why."""


@dataclass(frozen=True)
class Beside:
    """Says to one audience what stands beside an alert."""

    area: Area
    wording: SourceWording
    nights: OtherNights
    now: datetime

    def lines(self, facts: AlertFacts, as_of: datetime) -> list[str]:
        """Return a line for each source that is above and may be said: before, a year before, and to come."""
        if facts.detector is Detector.MANY_CENTRES or not self.nights.counts:
            return []
        lines = [self._line(source, facts, as_of) for source in self._sources(facts)]
        return [line for line in (*lines, self._outlook(facts, as_of)) if line]

    def why_late(self, facts: AlertFacts, first_at: datetime) -> str:
        """Return 'Why only on Friday 3 April: the 9th police record came in that morning.' Empty for a prompt alert.

        `first_at`: the morning on which it was first said. Of a hidden count nothing is said.
        """
        day = self.area.clock.local_date(first_at)
        if facts.detector is not Detector.NIGHT or (day - facts.last_evening).days < LATE_DAYS:
            return ""
        said = [self._arrived(facts, view, first_at) for view in facts.nights[0].above]
        reasons = [text for text in said if text]
        return f"Why only on {say_day(day)}: {reasons[0]} that morning." if reasons else ""

    def _arrived(self, facts: AlertFacts, view: SourceFacts, first_at: datetime) -> str:
        steps = self.nights.steps((facts.first_evening, facts.centre_code, view.source), first_at)
        if not steps or first_at - steps[-1][0] >= timedelta(days=1):
            return ""
        before, now = (steps[-2][1] if len(steps) > 1 else None), steps[-1][1]
        name = self.wording.noun(view.source)
        if now is None or not self._is_shown(view.source, now):
            return ""
        if before is None:
            return f"what the {name} knew of the night came in"
        if now <= before:
            return ""
        if not self._is_shown(view.source, before):
            return f"late {name} records came in"
        return (
            f"the {say_ordinal(now)} {name} record came in"
            if now - before == 1
            else f"{now - before} late {name} records came in ({before} → {now})"
        )

    def _is_shown(self, source: str, n_incidents: int) -> bool:
        return self.wording.policy.is_shown(source, n_incidents, self.wording.audience)

    def _sources(self, facts: AlertFacts) -> list[str]:
        if window_of(facts.detector) is None:
            return [v.source for v in facts.nights[0].above if self._is_shown(v.source, v.n_incidents or 0)]
        totals = totals_of(facts, list(self.area.sources), self.wording)
        return [t.source for t in totals if t.may_be_said and t.n_incidents > t.expected]

    def _line(self, source: str, facts: AlertFacts, as_of: datetime) -> str:
        noun = self._noun(facts)
        said, hidden = [], []
        for label, by in (
            (f"the {noun} before", nights_before(facts)),
            (f"the same {noun} last year", A_YEAR),
        ):
            evenings = [night.evening - by for night in facts.nights]
            count = self._sum(source, facts.centre_code, evenings, as_of)
            if count == HIDDEN:
                hidden.append(label)
            elif count:
                said.append(f"{label} {count}")
        said += [f"{listed(hidden)}: {HIDDEN}"] if hidden else []
        said += [ahead] if (ahead := self._ahead(source, facts, as_of)) else []
        title = strong(f"{self.area.source_title(source)}, to compare")
        return f"{title}: {'; '.join(said)}." if said else ""

    def _noun(self, facts: AlertFacts) -> str:
        window = window_of(facts.detector)
        if window is None:
            return f"{facts.first_evening:%A}"
        return "weekend" if window.n_weekends == 1 else f"{window.n_weekends} weekends"

    def _sum(self, source: str, centre: str, evenings: Iterable[date], as_of: datetime) -> str:
        """Return the counts of some nights together; a sum would tell what is hidden of any of them."""
        counts = [self.nights.count((e, centre, source), as_of) for e in evenings]
        known = [n for n in counts if n is not None]
        if len(known) < len(counts):
            return "not known" if known else ""
        if len(known) == 1:
            return self.wording.policy.say_count(source, known[0], self.wording.audience)
        return str(sum(known)) if all(self._is_shown(source, n) for n in known) else HIDDEN

    def _ahead(self, source: str, facts: AlertFacts, as_of: datetime) -> str:
        """Return what is to be expected of the next such nights; empty where that has not been said yet."""
        coming = self._coming(facts, as_of)
        expected = [self.nights.ahead((e, facts.centre_code, source), self.now) for e in coming]
        if not coming or any(e is None for e in expected):
            return ""
        return f"{say_expected(sum(e or 0.0 for e in expected))} to be expected on {_say_nights(coming)}"

    def _outlook(self, facts: AlertFacts, as_of: datetime) -> str:
        """Return when it will be said what is to be expected of the next such nights; empty once it has been."""
        coming, sources = self._coming(facts, as_of), self._sources(facts)
        if not coming or not sources or all(self._ahead(source, facts, as_of) for source in sources):
            return ""
        says_it = self._outlook_day(coming[0])
        if self.area.clock.local_date(self.now) > says_it:
            return ""
        return f"The outlook for {_say_nights(coming)} comes on {say_short_day(says_it)}."

    def _outlook_day(self, evening: date) -> date:
        """Return the day before the first monitored night of an evening's week."""
        monday = evening - timedelta(days=evening.weekday())
        week = (monday + timedelta(days=n) for n in range(7))
        return next(day for day in week if self.area.clock.is_monitored(day)) - timedelta(days=1)

    def _coming(self, facts: AlertFacts, as_of: datetime) -> Sequence[date]:
        """Return the same nights of the first week that is still to come, of a window those of one weekend."""
        today = self.area.clock.local_date(max(as_of, self.now))
        last = max(night.evening for night in facts.nights)
        own = [n.evening for n in facts.nights if last - n.evening < A_WEEK]
        while own and own[0] < today:
            own = [evening + A_WEEK for evening in own]
        return own


def _say_nights(evenings: Sequence[date]) -> str:
    return say_day(evenings[0]) if len(evenings) == 1 else say_span(evenings[0], evenings[-1])
