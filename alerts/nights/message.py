"""From a decision to what is said: the head message, and the reply that says what changed and why."""

from dataclasses import dataclass, field
from datetime import date, datetime

from alerts.deciding.decisions import Said, changes
from alerts.deciding.facts import EVERYWHERE, AlertFacts, NightFacts, SourceFacts
from alerts.nights.beside import Beside
from alerts.nights.totals import Total, say_hidden, say_total, totals_of
from alerts.words.links import Links
from alerts.words.message import LIFT, Action, Message, strong
from alerts.words.other_nights import OtherNights
from alerts.words.seen import as_seen, said_here
from alerts.words.wording import (
    SIGNS,
    SourceWording,
    headline,
    say_expected,
    say_place,
    say_when,
    short_title,
)
from nte.area import Area
from nte.detectors import window_of
from nte.disclosure import DisclosurePolicy, policy_of
from nte.english import listed, say_day, say_every, say_instant, say_limit
from nte.words import Audience, Detector, Reason, Verdict

ACTIONS = {"acted_on": "Being acted on", "explain": "Explain"}
SILENCE = {"silence": "Silence"}
MOST_CENTRES_LISTED = 20
NO_MORE = "Of a count that is too small to be said nothing more is told, so that nobody can work it out."
MOST_CENTRES_SPOKEN = 3


@dataclass(frozen=True)
class Writer:
    """Writes for one audience of one area."""

    area: Area
    audience: Audience
    base_url: str = ""
    nights: OtherNights = field(default_factory=OtherNights)

    @property
    def policy(self) -> DisclosurePolicy:
        """The area's disclosure policy."""
        return policy_of(self.area)

    @property
    def sources(self) -> SourceWording:
        """The wording of a source's view."""
        return SourceWording(self.area, self.policy, self.audience)

    def head(
        self,
        facts: AlertFacts,
        reason: Reason,
        as_of: datetime,
        *,
        history: str = "",
        picture: str = "",
        silence: str = "",
        first_at: datetime | None = None,
        now: datetime | None = None,
    ) -> Message:
        """Return the head message as it stands after a decision; `history` says what changed.

        `picture` says in words what its picture shows. `silence` says which silence stands in its channel; far above
        goes through it. `first_at` is the morning on which it was first said, `now` the moment of writing.
        """
        facts = self.seen(facts)
        beside = Beside(self.area, self.sources, self.nights, now or as_of)
        late = beside.why_late(facts, first_at or as_of)
        lead = [strong(say_when(facts)), self.lead(facts, reason)]
        over = reason is Reason.WITHDRAWN
        views = [self._views(facts), "" if over else "\n".join(beside.lines(facts, as_of))]
        return Message.of(
            self.spoken(facts, reason),
            headline=short_title(facts, reason, self.area),
            note=_note(facts, silence),
            lead="\n".join([*lead, *([late] if late and not over else [])]),
            views=[view for view in views if view],
            picture=picture,
            small=self._small_print(facts, reason, as_of, history),
            links=Links(self.base_url).about(facts),
            actions=self._actions(facts, reason, is_silent=bool(silence)),
        )

    def seen(self, facts: AlertFacts) -> AlertFacts:
        """Return the facts as this audience may know them: every message is written from these alone."""
        return as_seen(facts, self.area, self.audience)

    def spoken(self, facts: AlertFacts, reason: Reason) -> str:
        """Return the whole message as one text, for notifications and screen readers."""
        facts = self.seen(facts)
        title = f"{headline(facts, reason, self.area)}."
        if facts.detector is Detector.MANY_CENTRES and reason is not Reason.WITHDRAWN:
            worst = [f"{self._centre_text(night)}." for night in _gravest(facts)[:MOST_CENTRES_SPOKEN]]
            return " ".join([title, self.lead(facts, reason), *worst])
        if facts.detector is not Detector.NIGHT:
            return f"{title} {self.lead(facts, reason)}"
        night = facts.nights[0]
        ordered = sorted(night.sources, key=lambda view: not view.verdict.is_exceedance)
        said = " ".join(self.sources.sentence(view, night.evening) for view in ordered)
        first = f"{self.lead(facts, reason)} " if reason is Reason.WITHDRAWN else ""
        return f"{title} {first}{said}"

    def reply(self, facts: AlertFacts, reason: Reason, said: Said, as_of: datetime) -> Message:
        """Return the reply in the thread that says what changed and why."""
        facts, said = self.seen(facts), said_here(said, self.area, self.audience)
        title = self._reply_title(facts, reason, said)
        text = f"{strong(f'{title}.')} {self.change(facts, reason, said)}"
        when = f"As known on {say_instant(as_of, self.area)}."
        place = f"{say_place(facts, self.area)}, {say_when(facts)}"
        spoken = f"{place}: {title}. {self.change(facts, reason, said)}"
        return Message.of(spoken, lead=text, small=[when])

    def _reply_title(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        if reason in _TITLES:
            return _TITLES[reason]
        if said.is_withdrawn:
            return "Above what was expected again"
        if moved := changes(facts, said):
            return "Now higher" if min(moved.values()) > 0 else "Changed since it was last said"
        has_more = bool(facts.alarming.keys() - said.facts.alarming.keys())
        return "More of it is above what was expected" if has_more else "Now further above"

    def change(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        """Return '2 late police records; 9 → 11.' for each count that moved, and what follows from it."""
        facts, said = self.seen(facts), said_here(said, self.area, self.audience)
        said_changes = [
            self._change(said.facts.views[key], facts.views[key], self._where(facts, key))
            for key in changes(facts, said)
        ]
        fresh = facts.alarming.keys() - said.facts.alarming.keys()
        said_new = [
            f"{self._where(facts, key)}{self.sources.sentence(facts.alarming[key], _evening(facts, key))}"
            for key in sorted(fresh)
        ]
        lines = [*said_changes, *said_new]
        if reason in (Reason.DOUBTFUL, Reason.FIRM):
            lines.append(self._chance_now(facts))
        return " ".join(lines or [self._without_change(facts, reason, said)])

    def _chance_now(self, facts: AlertFacts) -> str:
        """Return 'It will rather not stand (4 in 10). It will be known by Friday 3 April.'"""
        said = self.sources.chance(facts, lead="As it now looks it will") or "The night is still filling."
        if facts.confirmed_by is None:
            return said
        return f"{said} Confirmed or withdrawn by {say_day(facts.confirmed_by)}."

    def _without_change(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        spoken_of = said.facts.views if window_of(facts.detector) else said.facts.alarming
        then_and_now = [(view, facts.views.get(key)) for key, view in spoken_of.items()]
        if any(v is not None and self.sources.is_hidden(v) for pair in then_and_now for v in pair):
            return "What has changed is not said: it would tell of a count that is too small to be said."
        if reason is Reason.WITHDRAWN and any(v.stands_chance is not None for v in facts.views.values()):
            return "No record has gone; fewer have come since than it takes, and it will hardly pass its limit now."
        return _WITHOUT_CHANGE[reason]

    def history(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        """Return what changed last, for the head message's small print; empty for a first message."""
        if not reason.is_revision:
            return ""
        return f"Last change: {self.change(facts, reason, said)}"

    def lead(self, facts: AlertFacts, reason: Reason) -> str:
        """Return the one or two sentences that matter."""
        if reason is Reason.WITHDRAWN:
            return "What was said about this no longer holds. The thread says what changed."
        said = [self._what(facts), self.sources.chance(facts)]
        return " ".join(text for text in said if text)

    def _what(self, facts: AlertFacts) -> str:
        if facts.detector is Detector.NIGHT:
            return self._agreement(facts.nights[0], "" if facts.is_complete else " so far")
        if facts.detector is Detector.MANY_CENTRES:
            return self._in_many(facts)
        alone = any(n.level.is_exceedance for n in facts.nights)
        if alone or self._hides(facts):
            said = "The nights together are above what was expected"
        else:
            said = "No single night stands out; together they are above what was expected"
        sums = [f"{self.sources.title(t.source)} {say_total(t)}" for t in self._risen(facts)]
        return f"{said}: {'. '.join(sums)}." if sums else f"{said}."

    def _in_many(self, facts: AlertFacts) -> str:
        """Return '7 of 19 town centres were above what was expected on the same night.'"""
        n_above = sum(n.level.is_exceedance for n in facts.nights)
        n_centres = max(len(self.area.current_centres), len(facts.nights))
        return f"{n_above} of {n_centres} town centres were above what was expected on the same night."

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
        high = [self.sources.title(v.source) for v in shown if self.sources.no_alert(v)]
        usual = [self.sources.title(v.source) for v in shown if not self.sources.no_alert(v)]
        unknown = [self.sources.title(v.source) for v in night.sources if v.verdict is Verdict.UNKNOWN]
        if len(above) == 1:
            times = f", {said}" if (said := self.sources.times(above[0])) else ""
            said = f"Only one source sees it{so_far}: {self.sources.title(above[0].source)}{times}."
        else:
            said = f"{len(above)} sources agree: {listed([self._with_times(view) for view in above])}."
        said += f" {listed(usual)}: as expected." if usual else ""
        said += f" {listed(high)}: high, no alert." if high else ""
        said += f" {listed(hidden)}: fewer than may be said." if hidden else ""
        return said + (f" {listed(unknown)}: not known." if unknown else "")

    def _with_times(self, view: SourceFacts) -> str:
        times = self.sources.times(view)
        return f"{self.sources.title(view.source)}{f' ({times})' if times else ''}"

    def _views(self, facts: AlertFacts) -> str:
        if facts.detector is Detector.NIGHT:
            return "\n".join(self._view_line(view, facts.nights[0]) for view in facts.nights[0].sources)
        if facts.detector is Detector.MANY_CENTRES:
            listed_nights = _gravest(facts)[:MOST_CENTRES_LISTED]
            return "\n".join(f"{SIGNS[n.level]} {self._centre_text(n)}" for n in listed_nights)
        window = window_of(facts.detector)
        if window and window.lists_nights:
            nights = "\n".join(self._night_line(night) for night in facts.nights)
            return nights or "No night can be judged yet."
        totals = totals_of(facts, list(self.area.sources), self.sources)
        return "\n".join(self._total_line(total) for total in totals)

    def _view_line(self, view: SourceFacts, night: NightFacts) -> str:
        said = self.sources.sentence(view, night.evening)
        title = self.sources.title(view.source)
        rest = said.removeprefix(title)
        return f"{self.sources.sign(view)} {strong(title)}{rest}"

    def _centre_text(self, night: NightFacts) -> str:
        said = "; ".join(self._in_short(view) for view in night.above or night.sources)
        return f"{strong(_name(self.area, night.centre_code))}: {said}"

    def _in_short(self, view: SourceFacts) -> str:
        """Return 'Police 14 so far, usually about 5, alert above 9, about one such night in 8 years'."""
        said = [f"{self.sources.title(view.source)} {self.sources.count(view)}"]
        shown = view.n_incidents is not None and self.policy.is_shown(
            view.source, view.n_incidents, self.audience
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
        return f"{title}: {say_hidden(total, self.policy.least_shown(total.source, self.audience))}"

    def _hides(self, facts: AlertFacts) -> bool:
        return any(self.sources.is_hidden(view) for view in facts.views.values())

    def _small_print(self, facts: AlertFacts, reason: Reason, as_of: datetime, history: str) -> list[str]:
        lines = [history] if history else []
        views = facts.nights[0].sources if facts.detector is Detector.NIGHT else ()
        rare = [(self.sources.title(v.source), self.sources.rarity(v)) for v in views]
        if said := [f"{title} {rarity}" for title, rarity in rare if rarity]:
            lines.append(f"How unusual, for this town centre: {'; '.join(said)}.")
        if facts.detector is not Detector.NIGHT and reason is not Reason.WITHDRAWN:
            lines.append(self._by_chance(facts.detector))
        if facts.is_complete:
            lines.append("The counts are complete.")
        elif known := [c for v in views if not self._says_share(v) and (c := self.sources.completeness(v))]:
            lines.append(f"Usually known by now: {', '.join(known)} of the final count.")
        if self._hides(facts):
            lines.append(NO_MORE)
        when = say_instant(as_of, self.area)
        return [
            *(line for line in lines if line),
            f"As known on {when}. The sources overlap little and are not added up.",
        ]

    def _by_chance(self, detector: Detector) -> str:
        """Return how often chance alone brings what a detector looks for, by the budget; the same for every reader."""
        budget, window = self.area.budget, window_of(detector)
        share = budget.shares[Detector.NIGHT if window is None else detector]
        days = 30 / (budget.false_alarms_per_30_days * share) if share else 0.0
        if not days:
            return ""
        if window is not None:
            return f"How unusual: by chance alone such an alert comes {say_every(days)} in the whole area."
        one = f"by chance alone one town centre is above on one night {say_every(days)} in the whole area"
        return f"How unusual: {one}; several on one night hardly ever."

    def _says_share(self, view: SourceFacts) -> bool:
        """Say whether the view's own sentence says how much of it is in."""
        is_shown = self.policy.may_say_limit(view.source, view.n_incidents or 0, self.audience)
        return view.verdict.is_exceedance and is_shown and not self.sources.is_complete(view)

    def _actions(self, facts: AlertFacts, reason: Reason, *, is_silent: bool) -> list[Action]:
        if not self.area.slack.has_buttons or reason is Reason.WITHDRAWN:
            return []
        # A message about many town centres has no one place that could be silent.
        quiet = {} if facts.centre_code == EVERYWHERE else LIFT if is_silent else SILENCE
        offered = ACTIONS | quiet
        return [Action(name=name, title=title, about=facts.alert_id) for name, title in offered.items()]

    def _where(self, facts: AlertFacts, key: tuple[str, str, str]) -> str:
        if facts.detector is Detector.NIGHT:
            return ""
        if facts.detector is Detector.MANY_CENTRES:
            return f"{_name(self.area, key[0])}: "
        return f"{say_day(_evening(facts, key))}: "

    def _change(self, before: SourceFacts, now: SourceFacts, where: str) -> str:
        title = self.sources.title(now.source)
        old, new = before.n_incidents or 0, now.n_incidents or 0
        more = new > old
        said = self.policy.say_change(now.source, old, new, self.audience)
        if said is None:
            what = "late records came in" if more else "records were withdrawn or moved"
            return f"{where}{title}: {what}; now {self.sources.count(now)}."
        n_records = abs(new - old)
        noun = "record" if n_records == 1 else "records"
        lower = title if title.isupper() or "&" in title else title.lower()
        what = (
            f"{n_records} late {lower} {noun}" if more else f"{n_records} {lower} {noun} withdrawn or moved"
        )
        return f"{where}{what}; {said}."


def _note(facts: AlertFacts, silence: str) -> str:
    if not silence:
        return ""
    return (
        f"{silence}. {'Far above is said all the same.' if facts.level is Verdict.FAR_ABOVE else ''}".strip()
    )


_TITLES = {
    Reason.WITHDRAWN: "The alert is withdrawn",
    Reason.DOUBTFUL: "It has become doubtful",
    Reason.FIRM: "It is likely to stand again",
    Reason.FELL: "Now lower, still above what was expected",
}
_WITHOUT_CHANGE = {
    Reason.ROSE: "With what has come in since, the same counts stand further above what was expected.",
    Reason.FELL: "No record has gone; the night is fuller now, and so many by this time are less unusual.",
    Reason.WITHDRAWN: "No record has gone; the night is fuller now, and so full it is not unusual enough for an alert.",
}


def _gravest(facts: AlertFacts) -> list[NightFacts]:
    """Return the nights of many town centres, those furthest above first."""
    return sorted(facts.nights, key=lambda n: (-n.level.rank, n.centre_code))


def _name(area: Area, centre_code: str) -> str:
    return next((c.name for c in area.current_centres if c.centre_code == centre_code), centre_code)


def _evening(facts: AlertFacts, key: tuple[str, str, str]) -> date:
    return next(n.evening for n in facts.nights if n.centre_code == key[0] and str(n.evening) == key[1])
