"""Which messages a decision makes, in which channels: a head, or an edit of it with a reply in its thread."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import polars as pl

from alerts.deciding.decisions import Said
from alerts.deciding.facts import AlertFacts
from alerts.deciding.mornings import Decision
from alerts.nights.message import Writer
from alerts.nights.picture import picture_of, say_drawn
from alerts.outbox.caught_up import WITHDRAWN_UNSEEN
from alerts.outbox.intents import NOT_POSTED, PENDING, POSTED, Head, Intent
from alerts.words.answers import say_owner_lines
from alerts.words.doubted import Doubted, facts_without_doubted
from alerts.words.links import Links
from alerts.words.message import Message, strong
from alerts.words.other_nights import OtherNights
from alerts.words.seen import as_seen, of_own, reason_here, said_here
from alerts.words.wording import say_level, say_place, say_when
from nte.area import Area
from nte.disclosure import audience_of
from nte.english import say_number
from nte.stops import say_silence, silence_of
from nte.tables.alerts import ACKNOWLEDGEMENTS
from nte.words import NAMED_IN_ONE_LINE, Audience, Reason, Verdict

Decided = tuple[str, Decision]
"""A decision and its id."""


def channels_of(facts: AlertFacts, area: Area) -> list[str]:
    """Return who hears of an alert: the police, and the licensing authority of each district concerned.

    Of facts as an audience sees them: whom what is left concerns.
    """
    districts = {c.centre_code: c.district for c in area.current_centres}
    centres = {facts.centre_code, *(n.centre_code for n in facts.nights)}
    concerned = sorted({districts[centre] for centre in centres if centre in districts})
    return list(
        dict.fromkeys([area.slack.police_channel, *(area.slack.district_channels[d] for d in concerned)])
    )


KEPT_BACK = "An alert is kept back: its counts are too small to be said to any of its readers."
NOBODY_MAY_KNOW = "its counts may not be said to any of its readers"
ONLY_NAMED = "Before, it was named in one line alone."
"""Of an alert that was over the day's maximum, and is grave enough now for a message of its own."""


@dataclass
class IntentWriter:
    """Turns decisions into intents; `said` and `heads` are what went before, and are moved along."""

    area: Area
    now: datetime
    base_url: str
    said: dict[str, Said]
    heads: dict[tuple[str, str], Head]
    silences: pl.DataFrame
    nights: OtherNights = field(default_factory=OtherNights)
    """Counts and expectations that may stand beside an alert."""
    doubted: Doubted = ()
    """Nights that are not known to whoever reads of them, though a count stands for them."""
    first_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """By alert and channel: the morning on which it was first said there; moved along."""
    answers: pl.DataFrame = field(default_factory=ACKNOWLEDGEMENTS.empty)
    """What people answered; a head says who has taken it on since its channel knows of it."""
    first_said: dict[str, list[AlertFacts]] = field(default_factory=lambda: defaultdict(list))
    """By channel: what was said first this morning, in order, also beyond the day's maximum."""
    gone: dict[str, list[AlertFacts]] = field(default_factory=lambda: defaultdict(list))
    """By channel: what was named in one line before, and is withdrawn this morning."""

    def write(self, decisions: Iterable[Decided]) -> list[Intent]:
        """Return the intents of decisions that say something, morning by morning, the gravest first."""
        mornings: dict[datetime, list[Decided]] = defaultdict(list)
        for decided in decisions:
            mornings[decided[1].as_of].append(decided)
        return [intent for as_of, made in sorted(mornings.items()) for intent in self._morning(as_of, made)]

    def _morning(self, as_of: datetime, decisions: list[Decided]) -> list[Intent]:
        self.first_said.clear()
        self.gone.clear()
        intents = []
        for decision_id, decision in sorted(decisions, key=self._gravity):
            said = self.said.get(decision.facts.alert_id)
            own = [
                intent
                for channel in channels_of(decision.facts, self.area)
                for intent in self._channel(decision_id, decision, said, channel)
            ]
            intents += own or [self._kept_back(decision_id, decision)]
            self.said[decision.facts.alert_id] = Said(decision.facts, decision.reason)
        return [*intents, *self._overflow(as_of)]

    def _gravity(self, decided: Decided) -> tuple[int, float, str]:
        """Order by level, then rarity, as those see it who may know least: the order tells of no hidden count.

        What does not fit into the day's maximum is the least grave.
        """
        facts = as_seen(decided[1].facts, self.area, Audience.LICENSING)
        return (-facts.level.rank, facts.rarest, facts.alert_id)

    def _channel(self, decision_id: str, decision: Decision, said: Said | None, channel: str) -> list[Intent]:
        audience = audience_of(self.area, channel)
        writer = Writer(self.area, audience, self.base_url, self.nights)
        seen = facts_without_doubted(self._seen(decision.facts, channel), self.doubted)
        head = self.heads.get((seen.alert_id, channel))
        if head is None or said is None or head.status_reason == WITHDRAWN_UNSEEN:
            is_told = seen.level.is_exceedance and channel in channels_of(seen, self.area)
            return (
                [self._head(decision_id, replace(decision, facts=seen), channel, writer)] if is_told else []
            )
        before = said_here(replace(said, facts=self._seen(said.facts, channel)), self.area, audience)
        is_named = head.status_reason == NAMED_IN_ONE_LINE
        if is_named and self._outgrows_its_line(seen, before):
            own = replace(decision, facts=seen)
            return [self._head(decision_id, own, channel, writer, history=ONLY_NAMED)]
        here = replace(decision, facts=seen, reason=reason_here(decision.reason, seen, before))
        if is_named and here.reason is Reason.WITHDRAWN and not before.is_withdrawn:
            self.gone[channel].append(before.facts)
        return self._revision(decision_id, here, before, head=head, writer=writer, channel=channel)

    def _seen(self, facts: AlertFacts, channel: str) -> AlertFacts:
        """Return the facts as the readers of a channel may know them: a district what its own town centres counted."""
        audience = audience_of(self.area, channel)
        seen = as_seen(facts, self.area, audience)
        own = of_own(seen, self._own(channel)) if audience is Audience.LICENSING else seen
        return seen if own is seen else as_seen(own, self.area, audience)

    def _kept_back(self, decision_id: str, decision: Decision) -> Intent:
        """Return the row that says of a decision that none of its channels may hear of it."""
        return Intent(
            message_id=f"{decision_id}|{self.area.slack.ops_channel}|head",
            purpose="alert",
            kind="head",
            channel=self.area.slack.ops_channel,
            message=Message.of(KEPT_BACK, lead=KEPT_BACK),
            alert_id=decision.facts.alert_id,
            decision_id=decision_id,
            status=NOT_POSTED,
            status_reason=NOBODY_MAY_KNOW,
        )

    def _outgrows_its_line(self, seen: AlertFacts, before: Said) -> bool:
        """Say whether what was named in one line is to have its own message: above again, or far above only now."""
        if before.is_withdrawn:
            return seen.level.is_exceedance
        is_newly_far = seen.level is Verdict.FAR_ABOVE and before.facts.level is not Verdict.FAR_ABOVE
        return is_newly_far and not self._is_too_late(seen)

    def _head(
        self, decision_id: str, decision: Decision, channel: str, writer: Writer, *, history: str = ""
    ) -> Intent:
        facts = decision.facts
        picture = picture_of(facts, decision.as_of, writer.sources)
        is_far = facts.level is Verdict.FAR_ABOVE
        silence = self._silence(facts, channel)
        intent = Intent(
            message_id=f"{decision_id}|{channel}|head",
            purpose="alert",
            kind="head",
            channel=channel,
            message=writer.head(
                facts,
                decision.reason,
                decision.as_of,
                history=history,
                picture=say_drawn(picture, facts, writer.sources) if picture else "",
                silence=silence if is_far else "",
                first_at=self._first_at(facts, channel, decision.as_of),
                now=self.now,
                answered=self._owner(facts, channel, decision.as_of),
            ),
            picture=picture,
            alert_id=facts.alert_id,
            decision_id=decision_id,
        )
        if why := self._why_not(facts, channel, is_held=bool(silence) and not is_far):
            intent = replace(intent, status=NOT_POSTED, status_reason=why)
        self.heads[facts.alert_id, channel] = Head(intent.message_id, intent.status, intent.status_reason)
        return intent

    def _revision(
        self, decision_id: str, decision: Decision, said: Said, *, head: Head, writer: Writer, channel: str
    ) -> list[Intent]:
        """Return the reply that says what changed, where there is one, and the edit of the head."""
        facts, reason = decision.facts, decision.reason
        is_seen = head.status != NOT_POSTED
        picture = picture_of(facts, decision.as_of, writer.sources)
        is_shown = head.status == POSTED or facts.level is Verdict.FAR_ABOVE
        silence = self._silence(facts, channel) if is_shown else ""
        history = writer.history(facts, reason, said)
        edit = Intent(
            message_id=f"{decision_id}|{channel}|edit",
            purpose="alert",
            kind="edit",
            channel=channel,
            message=writer.head(
                facts,
                # As its readers see it, it was withdrawn before: it stays so.
                Reason.WITHDRAWN if reason is Reason.UNCHANGED else reason,
                decision.as_of,
                history=history,
                picture=say_drawn(picture, facts, writer.sources) if picture else "",
                silence=silence,
                first_at=self._first_at(facts, channel, decision.as_of),
                now=self.now,
                answered=self._owner(facts, channel, decision.as_of),
            ),
            picture=picture,
            head_id=head.message_id,
            alert_id=facts.alert_id,
            decision_id=decision_id,
            status=PENDING if is_seen else NOT_POSTED,
            status_reason=None if is_seen else head.status_reason,
        )
        if not reason.is_revision:
            return [edit]
        words = writer.reply(facts, reason, said, decision.as_of)
        return [
            replace(
                edit, message_id=f"{decision_id}|{channel}|reply", kind="reply", message=words, picture=None
            ),
            edit,
        ]

    def _own(self, channel: str) -> set[str]:
        """Return the town centres of the districts whose channel it is."""
        districts = {d for d, own in self.area.slack.district_channels.items() if own == channel}
        return {c.centre_code for c in self.area.current_centres if c.district in districts}

    def _first_at(self, facts: AlertFacts, channel: str, as_of: datetime) -> datetime:
        return self.first_at.setdefault((facts.alert_id, channel), as_of)

    def _owner(self, facts: AlertFacts, channel: str, as_of: datetime) -> str:
        first = self._first_at(facts, channel, as_of)
        answers = self.answers.filter(pl.col("alert_id") == facts.alert_id, pl.col("made_at") >= first)
        return say_owner_lines(answers, self.area).get(facts.alert_id, "")

    def _silence(self, facts: AlertFacts, channel: str) -> str:
        """Return the silence of an alert's town centre that stands in a channel, as a sentence; empty without one."""
        row = silence_of(self.silences, facts.centre_code, channel, self.now)
        return say_silence(row, self.area) if row else ""

    def _why_not(self, facts: AlertFacts, channel: str, *, is_held: bool) -> str | None:
        """Return why a first message is not posted, or None. What a silence holds takes nobody's place in the day."""
        most = self.area.slack
        if self._is_too_late(facts):
            return f"the night closed more than {most.most_days_late} days before this run"
        if is_held:
            return None
        first = self.first_said[channel]
        first.append(facts)
        return NAMED_IN_ONE_LINE if len(first) > most.most_alerts_a_day else None

    def _is_too_late(self, facts: AlertFacts) -> bool:
        closed_since = self.now - self.area.clock.closes_at(facts.last_evening)
        return closed_since > timedelta(days=self.area.slack.most_days_late)

    def _overflow(self, as_of: datetime) -> list[Intent]:
        """Return one honest line for each channel whose day was full, and one for what it named before and has gone."""
        intents = []
        for channel, alerts in self.first_said.items():
            if rest := alerts[self.area.slack.most_alerts_a_day :]:
                named = "; ".join(_with_level(one, self.area) for one in rest)
                count = say_number(len(rest), "more alert")
                text = f"{strong(f'{count} this morning')}: {named}."
                intents.append(self._line("overflow", text, channel, rest, as_of))
        for channel, alerts in self.gone.items():
            named = "; ".join(_named(one, self.area) for one in alerts)
            text = f"{strong('Named in one line before, now withdrawn')}: {named}."
            intents.append(self._line("withdrawn", text, channel, alerts, as_of))
        return intents

    def _line(self, what: str, text: str, channel: str, alerts: list[AlertFacts], as_of: datetime) -> Intent:
        """Return a line that leads to the latest weekend of the alerts that it names."""
        links = Links(self.base_url).weekend(max(facts.first_evening for facts in alerts))
        return Intent(
            message_id=f"{what}@{as_of:%Y-%m-%dT%H:%M}|{channel}",
            purpose="overflow",
            kind="head",
            channel=channel,
            message=Message.of(text, lead=text, links=links),
        )


def _named(facts: AlertFacts, area: Area) -> str:
    return f"{say_place(facts, area)} ({say_when(facts)})"


def _with_level(facts: AlertFacts, area: Area) -> str:
    return f"{_named(facts, area)}: {say_level(facts, Reason.FIRST, area)}"


def worth_drawing(intents: Iterable[Intent]) -> list[Intent]:
    """Return the intents whose picture somebody will see: the latest form of each head that may be posted."""
    latest = {i.head_id or i.message_id: i for i in intents if i.kind != "reply" and i.status == PENDING}
    return [intent for intent in latest.values() if intent.picture is not None]
