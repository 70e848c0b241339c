"""What an alert shows, line by line: the sources of a night, the town centres of many, the nights of a window."""

from dataclasses import dataclass

from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from alerts.nights.totals import Total, say_hidden, say_total, totals_of
from alerts.words.message import strong
from alerts.words.wording import SIGNS, SourceWording, n_told_of_many, say_expected
from nte.area import Area
from nte.detectors import window_of
from nte.english import listed, say_day, say_limit
from nte.words import Detector, Verdict

MOST_CENTRES_LISTED = 20


def gravest(facts: AlertFacts) -> list[NightFacts]:
    """Return the nights of many town centres, those furthest above first."""
    return sorted(facts.nights, key=lambda n: n.gravity)


@dataclass(frozen=True)
class Views:
    """Says to one audience what an alert shows, from facts as it may know them."""

    area: Area
    sources: SourceWording

    def what(self, facts: AlertFacts) -> str:
        """Return in one sentence what is seen: which sources agree, or what the nights come to together."""
        if facts.detector is Detector.NIGHT:
            return self._agreement(facts.nights[0], "" if facts.is_complete else " so far")
        if facts.detector is Detector.MANY_CENTRES:
            return self._in_many(facts)
        alone = any(n.level.is_exceedance for n in facts.nights)
        if alone or self.hides(facts):
            said = "The nights together are above what was expected"
        else:
            said = "No single night stands out; together they are above what was expected"
        sums = [f"{self.sources.title(t.source)} {say_total(t)}" for t in self._risen(facts)]
        return f"{said}: {'. '.join(sums)}." if sums else f"{said}."

    def _in_many(self, facts: AlertFacts) -> str:
        """Return '7 of 19 town centres were above what was expected on the same night.'

        Readers who are not told of every alert are told of so many at least.
        """
        n_above = n_told_of_many(facts)
        n_centres = max(len(self.area.current_centres), len(facts.nights))
        if n_above == 1 and self.sources.hears_all:
            return (
                f"Of {n_centres} town centres it is the one that was above what was expected on that night."
            )
        if n_above == 1:
            return f"Of {n_centres} town centres it is the one that was above what was expected and may be told here."
        so_many = (
            f"{n_above} of {n_centres}" if self.sources.hears_all else f"At least {n_above} of {n_centres}"
        )
        return f"{so_many} town centres were above what was expected on the same night."

    def _risen(self, facts: AlertFacts) -> list[Total]:
        """Return the totals of a window that may be said and are more than usual."""
        totals = totals_of(facts, list(self.area.sources), self.sources)
        return [t for t in totals if t.may_be_said and t.n_incidents > t.expected]

    def _agreement(self, night: NightFacts, so_far: str) -> str:
        """Return which sources see it: 'Police and A&E see it, Ambulance does not.'"""
        above = [v for v in night.sources if v.verdict.is_exceedance]
        within = [v for v in night.sources if v.verdict is Verdict.WITHIN]
        hidden = [self.sources.title(v.source) for v in within if self.sources.is_hidden(v)]
        shown = [v for v in within if not self.sources.is_hidden(v)]
        called: dict[str, list[str]] = {Verdict.WITHIN.meaning: []}
        for view in shown:
            name = self.sources.name_no_alert(view) or Verdict.WITHIN.meaning
            called.setdefault(name, []).append(self.sources.title(view.source))
        unknown = [self.sources.title(v.source) for v in night.sources if v.verdict is Verdict.UNKNOWN]
        if len(above) == 1:
            times = f", {said}" if (said := self.sources.times(above[0])) else ""
            title = self.sources.title(above[0].source)
            # What a hidden count sees is not said: then nobody is told that it sees nothing.
            said = f"{title} sees it{so_far}" if hidden else f"Only one source sees it{so_far}: {title}"
            said += f"{times}."
        else:
            said = f"{len(above)} sources agree: {listed([self._with_times(view) for view in above])}."
        said += "".join(f" {listed(titles)}: {name}." for name, titles in called.items() if titles)
        said += f" {listed(hidden)}: fewer than may be said." if hidden else ""
        return said + (f" {listed(unknown)}: not known." if unknown else "")

    def _with_times(self, view: SourceFacts) -> str:
        times = self.sources.times(view)
        return f"{self.sources.title(view.source)}{f' ({times})' if times else ''}"

    def lines(self, facts: AlertFacts) -> str:
        """Return a line for each source of a night, each town centre of many, each night or source of a window."""
        if facts.detector is Detector.NIGHT:
            return "\n".join(self._view_line(view, facts.nights[0]) for view in facts.nights[0].sources)
        if facts.detector is Detector.MANY_CENTRES:
            listed_nights = gravest(facts)[:MOST_CENTRES_LISTED]
            own = [f"{SIGNS[n.level]} {self.centre_text(n)}" for n in listed_nights]
            return "\n".join([*own, *self.elsewhere(facts)])
        window = window_of(facts.detector)
        if window and window.lists_nights:
            nights = "\n".join(self._night_line(night) for night in facts.nights)
            return nights or "No night can be judged yet."
        totals = totals_of(facts, list(self.area.sources), self.sources)
        return "\n".join(self._total_line(total) for total in totals)

    def elsewhere(self, facts: AlertFacts) -> list[str]:
        """Return 'and 4 in other districts', of whose counts a district is not told; nothing without any."""
        return [f"and {facts.n_elsewhere} in other districts"] if facts.n_elsewhere else []

    def _view_line(self, view: SourceFacts, night: NightFacts) -> str:
        said = self.sources.sentence(view, night.evening)
        title = self.sources.title(view.source)
        rest = said.removeprefix(title)
        return f"{self.sources.sign(view)} {strong(title)}{rest}"

    def centre_text(self, night: NightFacts) -> str:
        """Return 'Buxton: Police 12, usually about 5, alert above 9, …', of one of many town centres."""
        said = "; ".join(self._in_short(view) for view in night.above or night.sources)
        return f"{strong(self.area.centre_name(night.centre_code))}: {said}"

    def _in_short(self, view: SourceFacts) -> str:
        """Return 'Police 14 so far, usually about 5, alert above 9, about one such night in 8 years'."""
        said = [f"{self.sources.title(view.source)} {self.sources.count(view)}"]
        shown = view.n_incidents is not None and self.sources.policy.is_shown(
            view.source, view.n_incidents, self.sources.audience
        )
        if shown and view.expected is not None:
            said.append(f"usually {say_expected(view.expected)}")
        if shown and view.alert_limit is not None and view.verdict.is_exceedance:
            said.append(say_limit(view.alert_limit))
        return ", ".join([*said, *([rare] if (rare := self.sources.rarity(view)) else [])])

    def _night_line(self, night: NightFacts) -> str:
        counts = [self.sources.count(v).removesuffix(" so far") for v in night.sources]
        said = ", ".join(
            f"{self.sources.title(v.source)} {n}" for v, n in zip(night.sources, counts, strict=True)
        )
        known = [v for v in night.sources if v.verdict is not Verdict.UNKNOWN]
        so_far = "" if all(self.sources.is_complete(v) for v in known) else " so far"
        # Green beside an alert would say that all is well: a night of a window has a sign when it stands out itself.
        sign = f"{SIGNS[night.level]} " if night.level.is_exceedance else ""
        return f"{sign}{strong(say_day(night.evening))}: {said}{so_far}"

    def _total_line(self, total: Total) -> str:
        title = strong(self.sources.title(total.source))
        if not total.n_known:
            return f"{title}: not known"
        if total.may_be_said:
            return f"{title}: {say_total(total)}"
        return f"{title}: {say_hidden(total, self.sources.policy.least_shown(total.source, self.sources.audience))}"

    def hides(self, facts: AlertFacts) -> bool:
        """Say whether a count of it may not be said."""
        return any(self.sources.is_hidden(view) for view in facts.views.values())
