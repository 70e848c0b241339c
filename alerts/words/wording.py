"""Plain English for nights, levels, counts and rarity: what a licensing lead reads on a phone."""

from datetime import date
from math import floor

from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from nte.area import Area
from nte.detectors import window_of
from nte.disclosure import DisclosurePolicy
from nte.english import (
    FILLING_HIGH,
    LEAST_USUAL,
    listed,
    name_no_alert,
    say_chance,
    say_day,
    say_filling,
    say_limit,
    say_no_alert,
    say_odds,
    say_rarity,
    say_share,
    say_span,
    say_times,
)
from nte.words import Audience, Detector, Reason, Verdict, WhyUnknown

SIGNS = {Verdict.UNKNOWN: "⚪", Verdict.WITHIN: "🟢", Verdict.ABOVE: "🟠", Verdict.FAR_ABOVE: "🔴"}
"""Never alone: the words say the same."""
WITHDRAWN = "the alert is withdrawn"
NOW_DOUBTFUL = "now doubtful"
NO_MORE = "Of a count that is too small to be said nothing more is told, so that nobody can work it out."
MOST_NAMED = 2
"""So many town centres are named in a title; more are counted."""
HIGH_SIGN = "🟡"
"""Of a count that is no alert and is called high, or above the band: green would say that all is well."""
FEWER_THAN_ONE = LEAST_USUAL
"""A smaller expectation is not called 'about 1'."""


def without_signs(text: str) -> str:
    """Return text to be read out: the words beside a sign say the same."""
    for sign in (*SIGNS.values(), HIGH_SIGN):
        text = text.replace(f"{sign} ", "")
    return text


def say_expected(expected: float) -> str:
    """Return 'about 5', or 'fewer than 1'."""
    return "fewer than 1" if expected < FEWER_THAN_ONE else f"about {floor(expected + 0.5)}"


def say_beside(n_incidents: int, expected: float) -> str:
    """Return 'about 3 times the usual (about 5)', or 'usually about 5'."""
    times, usual = say_times(n_incidents, expected), say_expected(expected)
    return f"{times} ({usual})" if times else f"usually {usual}"


def say_place(facts: AlertFacts, area: Area) -> str:
    """Return the town centre's name, or how many of them; of many that are told as one, its own."""
    if facts.detector is not Detector.MANY_CENTRES:
        return area.centre_name(facts.centre_code)
    if facts.nights and n_told_of_many(facts) == 1:
        return area.centre_name(told_of_many(facts)[0].centre_code)
    return f"{n_told_of_many(facts) or 'Several'} town centres"


def told_of_many(facts: AlertFacts) -> list[NightFacts]:
    """Return the nights of many town centres that are above, or all of them where none is any more."""
    return [night for night in facts.nights if night.level.is_exceedance] or list(facts.nights)


def n_told_of_many(facts: AlertFacts) -> int:
    """Return of how many town centres an alert about many speaks, those in other districts among them."""
    nights = told_of_many(facts)
    is_above = any(night.level.is_exceedance for night in nights)
    return len(nights) + (facts.n_elsewhere or 0 if is_above else 0)


def is_told_as_many(facts: AlertFacts) -> bool:
    """Say whether an alert speaks of several town centres to its readers, who may know of one alone."""
    return facts.detector is Detector.MANY_CENTRES and n_told_of_many(facts) != 1


def say_when(facts: AlertFacts) -> str:
    """Return the night or the window."""
    window = window_of(facts.detector)
    if window is None:
        return say_day(facts.first_evening)
    return window.title.format(span=say_span(facts.first_evening, facts.last_evening))


def say_when_within(facts: AlertFacts) -> str:
    """Return the night or the window as it stands within a sentence: 'the weekend of 27 to 29 March'."""
    when = say_when(facts)
    return f"{when[:1].lower()}{when[1:]}" if window_of(facts.detector) else when


def say_far(facts: AlertFacts, area: Area) -> str:
    """Return '; Derby city centre far above': which of many town centres are, or how many; empty without one."""
    far = [area.centre_name(n.centre_code) for n in facts.nights if n.level is Verdict.FAR_ABOVE]
    if not far:
        return ""
    return f"; {listed(far) if len(far) <= MOST_NAMED else f'{len(far)} of them'} far above"


def say_level(facts: AlertFacts, reason: Reason, area: Area) -> str:
    """Return what is wrong in a few words."""
    if reason is Reason.WITHDRAWN:
        return WITHDRAWN
    if window := window_of(facts.detector):
        return window.says
    if is_told_as_many(facts):
        return f"above what was expected{say_far(facts, area)}"
    return f"{'far more' if facts.level is Verdict.FAR_ABOVE else 'more'} violence than expected"


def headline(facts: AlertFacts, reason: Reason, area: Area) -> str:
    """Return 'Derby city centre, Saturday 28 March: far more violence than expected'."""
    place, level = say_place(facts, area), say_level(facts, reason, area)
    return f"{place}, {say_when_within(facts)}: {level}{_say_doubt(facts, reason)}"


def short_title(facts: AlertFacts, reason: Reason, area: Area) -> str:
    """Return 'Derby city centre: far more violence than expected', for the head of a message."""
    place = say_place(facts, area)
    if reason is Reason.WITHDRAWN:
        return f"{place}: {WITHDRAWN}"
    if is_told_as_many(facts):
        return f"{place} {say_level(facts, reason, area)}{_say_doubt(facts, reason)}"
    far = "far more" if facts.level is Verdict.FAR_ABOVE else "more"
    return f"{place}: {far} violence than expected{_say_doubt(facts, reason)}"


def _say_doubt(facts: AlertFacts, reason: Reason) -> str:
    """Return ', now doubtful' for what will more likely fall than stand: nobody reads on to find that out."""
    is_open = reason is not Reason.WITHDRAWN and not facts.is_complete
    return f", {NOW_DOUBTFUL}" if is_open and facts.is_doubtful else ""


class SourceWording:
    """Says one source's view of a night to one audience."""

    def __init__(self, area: Area, policy: DisclosurePolicy, audience: Audience) -> None:
        self.area, self.policy, self.audience = area, policy, audience

    @property
    def hears_all(self) -> bool:
        """Say whether this audience hears of every alert, also of those about counts that it may not know."""
        return self.policy.hears_all(self.area, self.audience)

    def title(self, source: str) -> str:
        """Return 'Police', 'Ambulance', 'A&E'."""
        return self.area.source_title(source)

    def noun(self, source: str) -> str:
        """Return 'police', 'ambulance', 'A&E': the title within a sentence."""
        title = self.title(source)
        return title if title.isupper() or "&" in title else title.lower()

    def count(self, view: SourceFacts) -> str:
        """Return '14 so far', 'fewer than 8', or 'not known'."""
        if view.n_incidents is None or view.verdict is Verdict.UNKNOWN:
            return Verdict.UNKNOWN.meaning
        said = self.policy.say_count(view.source, view.n_incidents, self.audience)
        return said if self.is_complete(view) else f"{said} so far"

    def is_complete(self, view: SourceFacts) -> bool:
        """Say whether the count is as good as final; what is above by its chance alone never is."""
        return self._is_full(view) and not view.may_still_fall

    def sentence(self, view: SourceFacts, evening: date) -> str:
        """Return 'Police 14 so far; a usual Saturday ends at about 5, alert above 9; about 55 % is in, …'

        Count and limit are of the whole night: how full it should be by now is said beside them, never mixed in.
        """
        title = self.title(view.source)
        if view.verdict is Verdict.UNKNOWN or view.n_incidents is None:
            return f"{title} not known: {self._why(view)}."
        if self.is_hidden(view):
            return f"{title} {self.count(view)}{self._beside_hidden(view, evening)}."
        said = "; ".join(part for part in (f"{title} {self.count(view)}", self._usual(view, evening)) if part)
        if view.why_unknown is not None:
            return f"{said}. That is the last that was known: {self._why(view)}."
        return f"{said}."

    def is_hidden(self, view: SourceFacts) -> bool:
        """Say whether its count may not be said: then no verdict stands beside it, but that of an alert."""
        return view.n_incidents is not None and not self.policy.is_shown(
            view.source, view.n_incidents, self.audience
        )

    def sign(self, view: SourceFacts) -> str:
        """Return the sign of its verdict; of a hidden count only that it makes an alert; yellow for high, no alert."""
        if self.is_hidden(view) and not view.verdict.is_exceedance:
            return SIGNS[Verdict.UNKNOWN]
        return HIGH_SIGN if self.no_alert(view) else SIGNS[view.verdict]

    def times(self, view: SourceFacts) -> str:
        """Return 'about 3 times the usual', of the whole night; empty where the count may not be said."""
        if view.n_incidents is None or view.expected is None:
            return ""
        if not self.policy.is_shown(view.source, view.n_incidents, self.audience):
            return ""
        return say_times(view.n_incidents, view.expected)

    def rarity(self, view: SourceFacts) -> str | None:
        """Return how unusual such a count is, or None where it may not be said or is not above."""
        if not view.verdict.is_exceedance or view.p_value is None or view.n_incidents is None:
            return None
        if not self.policy.may_say_limit(view.source, view.n_incidents, self.audience):
            return None
        return say_rarity(view.p_value, self.area)

    def chance(self, facts: AlertFacts, *, lead: str = "The alert") -> str:
        """Return 'The alert will almost certainly stand (98 in 100).'; nothing where its counts may not be said."""
        # A window's chance is of all its counts together, also of those that are not above by themselves.
        behind = facts.alarming if window_of(facts.detector) is None else facts.views
        shown = all(
            self.policy.may_say_limit(view.source, view.n_incidents, self.audience)
            for view in behind.values()
            if view.n_incidents is not None
        )
        if facts.stands_chance is None or facts.is_complete or not shown:
            return ""
        return f"{lead} {say_chance(facts.stands_chance)}."

    def completeness(self, view: SourceFacts) -> str | None:
        """Return 'Police about 86 %': the share of the final count usually known, or None when unknown."""
        if view.verdict is Verdict.UNKNOWN:
            return None
        return f"{self.title(view.source)} about {round(100 * (view.known_share or 0.0))} %"

    def no_alert(self, view: SourceFacts) -> str:
        """Return what a shown count is called that is higher than usual and no alert; empty for any other."""
        is_of_the_whole_night = view.stands_chance is not None or self.is_complete(view)
        if view.verdict is not Verdict.WITHIN or view.p_value is None or not is_of_the_whole_night:
            return ""
        if not self.policy.may_say_limit(view.source, view.n_incidents or 0, self.audience):
            return ""
        if self.fills_high(view) and view.stands_chance is not None:
            return f"{FILLING_HIGH}: {say_filling(view.stands_chance)}"
        return say_no_alert(view.p_value, self.area, is_noted=bool(view.is_noted))

    def name_no_alert(self, view: SourceFacts) -> str:
        """Return what such a count is called where it is summed up, without chance and rarity; empty for any other."""
        if not self.no_alert(view) or view.p_value is None:
            return ""
        return (
            f"{FILLING_HIGH}, no alert"
            if self.fills_high(view)
            else name_no_alert(view.p_value, is_noted=bool(view.is_noted))
        )

    def fills_high(self, view: SourceFacts) -> bool:
        """Say whether a count is no alert and may well become one, once all is in."""
        is_filling = view.verdict is Verdict.WITHIN and not self.is_complete(view)
        return is_filling and self.area.alerts.fills_high(view.stands_chance)

    def may_yet(self, facts: AlertFacts) -> str:
        """Return 'Police may yet end above its limit (7 in 10); if so it is said again.', of a night's shown counts."""
        views = facts.nights[0].sources if facts.detector is Detector.NIGHT else ()
        filling = [v for v in views if self.fills_high(v) and self.no_alert(v)]
        said = [
            f"{self.title(v.source)} may yet end above its limit ({say_odds(v.stands_chance or 0.0)})"
            for v in filling
        ]
        return f"{'; '.join(said)}; if so it is said again." if said else ""

    def _is_full(self, view: SourceFacts) -> bool:
        return (view.known_share or 0.0) >= self.area.slack.complete_share

    def _beside_hidden(self, view: SourceFacts, evening: date) -> str:
        above = f"; {Verdict.ABOVE.meaning}" if view.verdict.is_exceedance else ""
        usual = "" if view.expected is None else f" ({say_expected(view.expected)} on a usual {evening:%A})"
        return f"{above}{usual}"

    def _usual(self, view: SourceFacts, evening: date) -> str:
        if view.expected is None:
            return ""
        n_incidents = view.n_incidents or 0
        ends = "has" if self.is_complete(view) else "ends at"
        usual = f"a usual {evening:%A} {ends} {say_expected(view.expected)}"
        # By the rule before, a young night can be an alert under its final limit: that limit is not its rule.
        is_rule = (
            view.stands_chance is not None or self.is_complete(view) or n_incidents > (view.alert_limit or 0)
        )
        limit = f", {say_limit(view.alert_limit)}" if view.alert_limit is not None and is_rule else ""
        rest = self.no_alert(view) or self._still_filling(view)
        return f"{usual}{limit}{f'; {rest}' if rest else ''}"

    def _still_filling(self, view: SourceFacts) -> str:
        is_filling = not self.is_complete(view) and view.why_unknown is None
        if not is_filling or not view.verdict.is_exceedance or view.known_share is None:
            return ""
        come = "may" if self._is_full(view) else "will"
        return f"about {say_share(view.known_share)} is in, so more {come} come"

    def _why(self, view: SourceFacts) -> str:
        if view.why_unknown is None:
            return "it cannot be judged yet"
        asks = self.area.ask_about(view.source, view.why_unknown)
        return f"{WhyUnknown(view.why_unknown).meaning}, so the night is unknown, not quiet{asks}"
