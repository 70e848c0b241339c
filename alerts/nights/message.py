"""From a decision to what is said: the head message, and the reply that says what changed and why."""

from dataclasses import dataclass
from datetime import date, datetime

from alerts.deciding.decisions import Said, changes
from alerts.deciding.facts import EVERYWHERE, AlertFacts, NightFacts, SourceFacts
from alerts.words.links import Links
from alerts.words.message import LIFT, Action, Message, strong
from alerts.words.seen import as_seen, said_here
from alerts.words.wording import SIGNS, SourceWording, headline, say_place, say_when
from nte.area import Area
from nte.detectors import window_of
from nte.disclosure import DisclosurePolicy, policy_of
from nte.english import say_day, say_instant
from nte.words import Audience, Detector, Reason, Verdict

ACTIONS = {"acted_on": "Being acted on", "explain": "Explain"}
SILENCE = {"silence": "Silence"}
MOST_CENTRES_LISTED = 20
NO_MORE = "Of a count that is too small to be said nothing more is told, so that nobody can work it out."


@dataclass(frozen=True)
class Writer:
    """Writes for one audience of one area."""

    area: Area
    audience: Audience
    base_url: str = ""

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
        has_chart: bool = False,
        silence: str = "",
    ) -> Message:
        """Return the head message as it stands after a decision; `history` says what changed.

        `silence` says which silence stands in its channel; far above goes through it.
        """
        facts = self.seen(facts)
        spoken = self.spoken(facts, reason)
        return Message.of(
            spoken,
            headline=_short_title(facts, reason, self.area),
            note=_note(facts, silence),
            lead=f"{strong(say_when(facts))}\n{self.lead(facts, reason)}",
            views=[self._views(facts)],
            picture=spoken if has_chart else "",
            small=self._small_print(facts, as_of, history),
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
        title = _reply_title(facts, reason, said)
        text = f"{strong(f'{title}.')} {self.change(facts, reason, said)}"
        when = f"As known on {say_instant(as_of, self.area)}."
        place = f"{say_place(facts, self.area)}, {say_when(facts)}"
        spoken = f"{place}: {title}. {self.change(facts, reason, said)}"
        return Message.of(spoken, lead=text, small=[when])

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
            n_far = sum(n.level is Verdict.FAR_ABOVE for n in facts.nights)
            far = f", {n_far} of them far above" if n_far else ""
            n_above = sum(n.level.is_exceedance for n in facts.nights)
            return f"{n_above} town centres were above what was expected on the same night{far}."
        if any(n.level.is_exceedance for n in facts.nights):
            return "The nights together are above what was expected."
        if self._hides(facts):
            return "Together the nights are more than chance would bring."
        return "No single night stands out, but together they are more than chance would bring."

    def _agreement(self, night: NightFacts, so_far: str) -> str:
        """Return which sources see it: 'Police and A&E see it, Ambulance does not.'"""
        above = [self.sources.title(v.source) for v in night.sources if v.verdict.is_exceedance]
        within = [v for v in night.sources if v.verdict is Verdict.WITHIN]
        hidden = [self.sources.title(v.source) for v in within if self.sources.is_hidden(v)]
        shown = [v for v in within if not self.sources.is_hidden(v)]
        high = [self.sources.title(v.source) for v in shown if self.sources.no_alert(v)]
        usual = [self.sources.title(v.source) for v in shown if not self.sources.no_alert(v)]
        unknown = [self.sources.title(v.source) for v in night.sources if v.verdict is Verdict.UNKNOWN]
        if len(above) == 1:
            said = f"Only one source sees it{so_far}: {above[0]}."
        else:
            said = f"{len(above)} sources agree: {_list(above)}."
        said += f" {_list(usual)}: as expected." if usual else ""
        said += f" {_list(high)}: high, no alert." if high else ""
        said += f" {_list(hidden)}: fewer than may be said." if hidden else ""
        return said + (f" {_list(unknown)}: not known." if unknown else "")

    def _views(self, facts: AlertFacts) -> str:
        if facts.detector is Detector.NIGHT:
            return "\n".join(self._view_line(view, facts.nights[0]) for view in facts.nights[0].sources)
        if facts.detector is Detector.MANY_CENTRES:
            ordered = sorted(facts.nights, key=lambda n: (-n.level.rank, n.centre_code))
            return "\n".join(self._centre_line(night) for night in ordered[:MOST_CENTRES_LISTED])
        window = window_of(facts.detector)
        if window and window.lists_nights:
            return (
                "\n".join(self._night_line(night) for night in facts.nights) or "No night can be judged yet."
            )
        return "\n".join(self._source_of_many(source, facts) for source in self._sources_of(facts))

    def _view_line(self, view: SourceFacts, night: NightFacts) -> str:
        said = self.sources.sentence(view, night.evening)
        title = self.sources.title(view.source)
        rest = said.removeprefix(title)
        return f"{self.sources.sign(view)} {strong(title)}{rest}"

    def _centre_line(self, night: NightFacts) -> str:
        views = night.above or list(night.sources)
        said = ", ".join(f"{self.sources.title(v.source)} {self.sources.count(v)}" for v in views)
        return f"{SIGNS[night.level]} {strong(_name(self.area, night.centre_code))}: {said}"

    def _night_line(self, night: NightFacts) -> str:
        counts = [self.sources.count(v).removesuffix(" so far") for v in night.sources]
        said = ", ".join(
            f"{self.sources.title(v.source)} {n}" for v, n in zip(night.sources, counts, strict=True)
        )
        known = [v for v in night.sources if v.verdict is not Verdict.UNKNOWN]
        so_far = "" if all(self.sources.is_complete(v) for v in known) else " so far"
        return f"{self._sign(night)} {strong(say_day(night.evening))}: {said}{so_far}"

    def _sign(self, night: NightFacts) -> str:
        """Return the sign of a night's level; none of a night whose level a hidden count may have made."""
        has_hidden = any(self.sources.is_hidden(v) for v in night.sources) and not night.level.is_exceedance
        return SIGNS[Verdict.UNKNOWN if has_hidden else night.level]

    def _source_of_many(self, source: str, facts: AlertFacts) -> str:
        """Return on how many nights a source had more than usual, of those whose counts may be said."""
        views = [s for n in facts.nights for s in n.sources if s.source == source]
        known = [v for v in views if v.n_incidents is not None and v.expected is not None]
        shown = [v for v in known if not self.sources.is_hidden(v)]
        n_more = sum((v.n_incidents or 0) > (v.expected_so_far or v.expected or 0.0) for v in shown)
        n_unknown, n_hidden = len(views) - len(known), len(known) - len(shown)
        missing = f"; {n_unknown} not known" if n_unknown else ""
        title = strong(self.sources.title(source))
        if not known:
            return f"{title}: not known"
        if n_hidden:
            least = self.policy.least_shown(source, self.audience)
            missing = f"; fewer than {least} on {n_hidden}, of which no more is said{missing}"
        if not shown:
            return f"{title}{missing.replace(';', ':', 1)}"
        return f"{title}: more than usual on {n_more} of {len(shown)} nights{missing}"

    def _hides(self, facts: AlertFacts) -> bool:
        return any(self.sources.is_hidden(view) for view in facts.views.values())

    def _sources_of(self, facts: AlertFacts) -> list[str]:
        present = {s.source for n in facts.nights for s in n.sources}
        return [source for source in self.area.sources if source in present]

    def _small_print(self, facts: AlertFacts, as_of: datetime, history: str) -> list[str]:
        lines = [history] if history else []
        views = facts.nights[0].sources if facts.detector is Detector.NIGHT else ()
        rare = [(self.sources.title(v.source), self.sources.rarity(v)) for v in views]
        if said := [f"{title} {rarity}" for title, rarity in rare if rarity]:
            lines.append(f"How unusual, for this town centre: {'; '.join(said)}.")
        if facts.is_complete:
            lines.append("The counts are complete.")
        elif known := [c for v in views if not self._says_share(v) and (c := self.sources.completeness(v))]:
            lines.append(f"Usually known by now: {', '.join(known)} of the final count.")
        if self._hides(facts):
            lines.append(NO_MORE)
        when = say_instant(as_of, self.area)
        return [*lines, f"As known on {when}. The sources overlap little and are not added up."]

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
            is_same = self.policy.say_count(now.source, old, self.audience) == self.policy.say_count(
                now.source, new, self.audience
            )
            return f"{where}{title}: {what}; {'still' if is_same else 'now'} {self.sources.count(now)}."
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


def _reply_title(facts: AlertFacts, reason: Reason, said: Said) -> str:
    if reason in _TITLES:
        return _TITLES[reason]
    if said.is_withdrawn:
        return "Above what was expected again"
    if changes(facts, said):
        return "Now higher" if min(changes(facts, said).values()) > 0 else "Changed since it was last said"
    return "More of it is above what was expected" if _has_more(facts, said) else "Now further above"


def _has_more(facts: AlertFacts, said: Said) -> bool:
    return bool(facts.alarming.keys() - said.facts.alarming.keys())


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


def _short_title(facts: AlertFacts, reason: Reason, area: Area) -> str:
    place = say_place(facts, area)
    if reason is Reason.WITHDRAWN:
        return f"{place}: the alert is withdrawn"
    far = "far more" if facts.level is Verdict.FAR_ABOVE else "more"
    return f"{place}: {far} violence than expected"


def _list(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _name(area: Area, centre_code: str) -> str:
    return next((c.name for c in area.current_centres if c.centre_code == centre_code), centre_code)


def _evening(facts: AlertFacts, key: tuple[str, str, str]) -> date:
    return next(n.evening for n in facts.nights if n.centre_code == key[0] and str(n.evening) == key[1])
