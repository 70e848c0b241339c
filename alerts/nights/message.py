"""From a decision to what is said: the head message, and the reply that says what changed and why."""

from dataclasses import dataclass, field
from datetime import datetime

from alerts.deciding.decisions import Said
from alerts.deciding.facts import EVERYWHERE, AlertFacts, SourceFacts
from alerts.nights.beside import Beside
from alerts.nights.changes import Changes
from alerts.nights.views import Views, gravest
from alerts.words.links import Links
from alerts.words.message import LIFT, SILENCE, Action, Message, strong
from alerts.words.other_nights import OtherNights
from alerts.words.seen import as_seen, said_here
from alerts.words.wording import (
    NO_MORE,
    SourceWording,
    headline,
    is_told_as_many,
    say_place,
    say_when,
    say_when_within,
    short_title,
)
from nte.area import Area
from nte.detectors import window_of
from nte.disclosure import DisclosurePolicy, policy_of
from nte.english import say_every, say_instant
from nte.words import Audience, Detector, Reason, Verdict

ACTIONS = {"acted_on": "Being acted on", "explain": "Explain"}
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

    @property
    def views(self) -> Views:
        """What an alert shows, line by line."""
        return Views(self.area, self.sources)

    @property
    def changes(self) -> Changes:
        """What changed since an alert was last told."""
        return Changes(self.area, self.sources)

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
        answered: str = "",
    ) -> Message:
        """Return the head message as it stands after a decision; `history` says what changed.

        `picture` says in words what its picture shows. `silence` says which silence stands in its channel; far above
        goes through it. `first_at` is the morning on which it was first said, `now` the moment of writing.
        `answered` says who has taken it on.
        """
        facts = self.seen(facts)
        beside = Beside(self.area, self.sources, self.nights, now or as_of)
        late = beside.why_late(facts, first_at or as_of)
        lead = [strong(say_when(facts)), self.lead(facts, reason)]
        over = reason is Reason.WITHDRAWN
        views = [self.views.lines(facts), "" if over else "\n".join(beside.lines(facts, as_of))]
        return Message.of(
            self.spoken(facts, reason),
            headline=short_title(facts, reason, self.area),
            note=_note(facts, silence),
            lead="\n".join([*lead, *([late] if late and not over else [])]),
            answered=answered,
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
            worst = [f"{self.views.centre_text(night)}." for night in gravest(facts)[:MOST_CENTRES_SPOKEN]]
            rest = [f"{text[:1].upper()}{text[1:]}." for text in self.views.elsewhere(facts)]
            return " ".join([title, self.lead(facts, reason), *worst, *rest])
        if facts.detector is not Detector.NIGHT:
            return f"{title} {self.lead(facts, reason)}"
        night = facts.nights[0]
        ordered = sorted(night.sources, key=lambda view: not view.verdict.is_exceedance)
        said = " ".join(self.sources.sentence(view, night.evening) for view in ordered)
        return f"{title} {self.lead(facts, reason)} {said}"

    def reply(self, facts: AlertFacts, reason: Reason, said: Said, as_of: datetime) -> Message:
        """Return the reply in the thread that says what changed and why."""
        facts, said = self.seen(facts), said_here(said, self.area, self.audience)
        title = self.changes.title(facts, reason, said)
        yet = self.sources.may_yet(facts) if reason is Reason.WITHDRAWN else ""
        change = " ".join(text for text in (self.change(facts, reason, said), yet) if text)
        text = f"{strong(f'{title}.')} {change}"
        when = f"As known on {say_instant(as_of, self.area)}."
        place = f"{say_place(facts, self.area)}, {say_when_within(facts)}"
        within = title if title.split()[0].isupper() else f"{title[:1].lower()}{title[1:]}"
        spoken = f"{place}: {within}. {change}"
        return Message.of(spoken, lead=text, small=[when])

    def change(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        """Return '2 late police records; 9 → 11.' for each count that moved, and what follows from it."""
        return self.changes.said(self.seen(facts), reason, said_here(said, self.area, self.audience))

    def history(self, facts: AlertFacts, reason: Reason, said: Said) -> str:
        """Return what changed last, for the head message's small print; empty for a first message."""
        if not reason.is_revision:
            return ""
        return f"Last change: {self.change(facts, reason, said)}"

    def lead(self, facts: AlertFacts, reason: Reason) -> str:
        """Return the two or three sentences that matter."""
        if reason is Reason.WITHDRAWN:
            gone = "What was said about this no longer holds. The thread says what changed."
            return " ".join(text for text in (gone, self.sources.may_yet(facts)) if text)
        said = [self.views.what(facts), self.sources.chance(facts)]
        return " ".join(text for text in said if text)

    def _small_print(self, facts: AlertFacts, reason: Reason, as_of: datetime, history: str) -> list[str]:
        lines = [history] if history else []
        views = facts.nights[0].sources if facts.detector is Detector.NIGHT else ()
        rare = [(self.sources.title(v.source), self.sources.rarity(v)) for v in views]
        if said := [f"{title} {rarity}" for title, rarity in rare if rarity]:
            lines.append(f"How unusual, for this town centre: {'; '.join(said)}.")
        if facts.detector is not Detector.NIGHT and reason is not Reason.WITHDRAWN:
            lines.append(self._by_chance(facts))
        if facts.is_complete:
            is_known = all(view.verdict is not Verdict.UNKNOWN for view in facts.views.values())
            lines.append(
                "The counts are complete." if is_known else "The counts that are known are complete."
            )
        elif known := [c for v in views if not self._says_share(v) and (c := self.sources.completeness(v))]:
            lines.append(f"Usually known by now: {', '.join(known)} of the final count.")
        if self.views.hides(facts):
            lines.append(NO_MORE)
        when = say_instant(as_of, self.area)
        return [
            *(line for line in lines if line),
            f"As known on {when}. The sources overlap little and are not added up.",
        ]

    def _by_chance(self, facts: AlertFacts) -> str:
        """Return how often chance alone brings what a detector looks for, by the budget."""
        budget, window = self.area.budget, window_of(facts.detector)
        share = budget.shares[Detector.NIGHT if window is None else facts.detector]
        days = 30 / (budget.false_alarms_per_30_days * share) if share else 0.0
        if not days:
            return ""
        if window is not None:
            return f"How unusual: by chance alone such an alert comes {say_every(days)} in the whole area."
        one = f"by chance alone one town centre is above on one night {say_every(days)} in the whole area"
        return f"How unusual: {one}{'; several on one night hardly ever' if is_told_as_many(facts) else ''}."

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


def _note(facts: AlertFacts, silence: str) -> str:
    if not silence:
        return ""
    return (
        f"{silence}. {'Far above is said all the same.' if facts.level is Verdict.FAR_ABOVE else ''}".strip()
    )
