"""Walks the mornings in order and decides each: one run over weeks decides as a run a day does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

import polars as pl

from alerts.deciding.as_told import as_told
from alerts.deciding.decisions import Circumstances, Said, decide
from alerts.deciding.facts import EVERYWHERE, AlertFacts
from alerts.deciding.knowledge import Knowledge, Place, Window, by_morning
from nte.detectors import NIGHT_IS_SPOKEN_FOR_BY, WINDOWS, window_of
from nte.stops import EVERY_CHANNEL, SILENCE, standing
from nte.tables.alerts import DECISIONS
from nte.words import SETTLING, Detector, Reason, Verdict

ORDER = [str(window.detector) for window in WINDOWS]
"""Shorter windows are decided first: they speak for longer ones."""
LOOK_BACK = timedelta(days=42)
"""Older nights are complete; only a judgement that is new this morning brings one back."""


@dataclass(frozen=True)
class Decision:
    """What was decided about one alert on one morning."""

    as_of: datetime
    reason: Reason
    facts: AlertFacts


@dataclass
class Memory:
    """What has been said of each alert, and the last reason noted, said or not."""

    said: dict[str, Said] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)

    def note(self, decision: Decision) -> None:
        """Remember a decision."""
        alert_id = decision.facts.alert_id
        self.reasons[alert_id] = decision.reason
        if decision.reason.is_said:
            self.said[alert_id] = Said(decision.facts, decision.reason)

    def standing(self) -> Iterable[AlertFacts]:
        """Return what people believe: the alerts they were told of and not told to forget."""
        return [said.facts for said in self.said.values() if not said.is_withdrawn]

    def as_people_read(self, judgements: pl.DataFrame) -> pl.DataFrame:
        """Return judgements in which a count that stands in an alert is above, as people were told it is."""
        told = [
            (centre, date.fromisoformat(evening), source, str(view.verdict))
            for facts in self.standing()
            if window_of(facts.detector) is None
            for (centre, evening, source), view in facts.alarming.items()
        ]
        schema = {"centre_code": pl.String, "evening": pl.Date, "source": pl.String, "told": pl.String}
        rows = pl.DataFrame(told, schema, orient="row").unique(list(schema)[:3])
        is_held = pl.col("told").is_not_null() & (pl.col("verdict") == str(Verdict.WITHIN))
        return (
            judgements.join(rows, on=list(schema)[:3], how="left", maintain_order="left")
            .with_columns(verdict=pl.when(is_held).then("told").otherwise("verdict"))
            .drop("told")
        )

    def is_told(self, facts: AlertFacts) -> bool:
        """Say whether people have been told of this alert itself."""
        return facts.alert_id in self.said


@dataclass(frozen=True)
class Wishes:
    """What people asked for, as of a morning: by centre silenced, by alert acknowledged."""

    silences: pl.DataFrame
    acknowledgements: pl.DataFrame

    def silenced_on(self, as_of: datetime) -> set[str]:
        """Return the centres that are silent in every channel on a morning; `everywhere` stands for all."""
        made = self.silences.filter(pl.col("made_at") <= as_of, pl.col("channel") == EVERY_CHANNEL)
        return set(standing(made, as_of, SILENCE)["centre_code"])

    def acknowledged_on(self, as_of: datetime) -> set[str]:
        """Return the alerts that somebody is acting on or has explained, by a morning."""
        rows = self.acknowledgements.filter(pl.col("made_at") <= as_of, pl.col("kind").is_in(SETTLING))
        return set(rows["alert_id"])


def walk_mornings(
    knowledge: Knowledge,
    memory: Memory,
    judgements: pl.DataFrame,
    windows: pl.DataFrame,
    *,
    wishes: Wishes,
    names: Mapping[datetime, str],
) -> pl.DataFrame:
    """Return the decisions of every morning that `names` names, in order; moves knowledge and memory along.

    Mornings without a name were decided before: their rows are what is known already.
    """
    night_rows, window_rows = by_morning(judgements), by_morning(windows)
    frames = []
    for as_of in sorted(night_rows.keys() | window_rows.keys() | names.keys()):
        fresh = knowledge.learn(night_rows.get(as_of, []), window_rows.get(as_of, []))
        if as_of not in names:
            continue
        decisions = _Morning(knowledge, memory, as_of, fresh, wishes).decide()
        frames.append(_rows(names[as_of], as_of, decisions, len(fresh[0])))
    return DECISIONS.conform(pl.concat(frames)) if frames else DECISIONS.empty()


class _Morning:
    """One morning: nights first, then many centres together, then the windows."""

    def __init__(
        self,
        knowledge: Knowledge,
        memory: Memory,
        as_of: datetime,
        fresh: tuple[set[Place], set[Window]],
        wishes: Wishes,
    ) -> None:
        self.knowledge, self.memory, self.as_of = knowledge, memory, as_of
        self.fresh_nights, self.fresh_windows = fresh
        self.silenced = wishes.silenced_on(as_of)
        self.acknowledged = wishes.acknowledged_on(as_of)
        self.decisions: list[Decision] = []

    def decide(self) -> list[Decision]:
        """Return what is decided and worth noting."""
        alerts = [self.knowledge.night_alert(place, self.as_of) for place in sorted(self._places())]
        self._group_many(alerts)
        for facts in alerts:
            self._decide(facts, facts.centre_code, bool(self._nights_of(facts) & self.fresh_nights))
        for window in sorted(self._windows(), key=lambda w: (ORDER.index(w[1]), w)):
            facts = self.knowledge.window_alert(window, self.as_of)
            if not self.memory.is_told(facts) and self.knowledge.is_outdated(window):
                continue  # what it was scored by has moved: a first alert waits for its next score
            is_fresh = window in self.fresh_windows or bool(self._nights_of(facts) & self.fresh_nights)
            self._decide(facts, facts.centre_code, is_fresh)
        return self.decisions

    def _decide(self, facts: AlertFacts, centre: str, is_fresh: bool) -> None:
        said = self.memory.said.get(facts.alert_id)
        facts = as_told(facts, said, self.knowledge.area.alerts.delta)
        speaker = self._speaker(facts) if said is None else None
        around = Circumstances(
            is_silenced=bool({centre, EVERYWHERE} & self.silenced),
            is_acknowledged=facts.alert_id in self.acknowledged,
            is_grouped=speaker is not None,
        )
        reason = decide(facts, said, around)
        if reason is Reason.GROUPED:
            facts = facts.model_copy(update={"grouped_in": speaker})
        if reason and (reason.is_said or is_fresh or self.memory.reasons.get(facts.alert_id) is not reason):
            self._note(Decision(self.as_of, reason, facts))

    def _note(self, decision: Decision) -> None:
        self.memory.note(decision)
        self.decisions.append(decision)

    def _speaker(self, facts: AlertFacts) -> str | None:
        """Return a standing alert that says this one too."""
        return next((a.alert_id for a in self.memory.standing() if _speaks_for(a, facts)), None)

    def _group_many(self, alerts: list[AlertFacts]) -> None:
        """Decide about evenings on which many centres are above at once, before each centre by itself."""
        new: dict[date, list[str]] = defaultdict(list)
        for facts in alerts:
            is_new = facts.level.is_exceedance and not self.memory.is_told(facts)
            if is_new and facts.centre_code not in self.silenced:
                new[facts.first_evening].append(facts.centre_code)
        told = {a.first_evening: a for a in self._told_of_many()}
        for evening in sorted(new.keys() | told.keys()):
            before = {n.centre_code for n in told[evening].nights} if evening in told else set()
            centres = before | set(new.get(evening, []))
            if before or len(centres) >= self.knowledge.area.slack.most_centres_a_night:
                facts = self.knowledge.many_alert(evening, centres, self.as_of)
                self._decide(facts, EVERYWHERE, bool(self._nights_of(facts) & self.fresh_nights))

    def _told_of_many(self) -> list[AlertFacts]:
        told = [said.facts for said in self.memory.said.values()]
        return [f for f in told if f.detector is Detector.MANY_CENTRES and self._is_recent(f.last_evening)]

    def _nights_of(self, facts: AlertFacts) -> set[Place]:
        return {(n.centre_code, n.evening) for n in facts.nights}

    def _places(self) -> set[Place]:
        told = {(f.centre_code, f.first_evening) for f in self._told(Detector.NIGHT)}
        candidates = told | self.knowledge.exceeding
        return {place for place in candidates if place in self.fresh_nights or self._is_recent(place[1])}

    def _windows(self) -> set[Window]:
        exceeding = {w for w, row in self.knowledge.windows.items() if row["is_exceedance"]}
        told = {
            (f.centre_code, str(f.detector), f.first_evening, f.last_evening)
            for f in chain.from_iterable(self._told(window.detector) for window in WINDOWS)
        }
        candidates = (told & self.knowledge.windows.keys()) | exceeding
        return {w for w in candidates if w in self.fresh_windows or self._is_recent(w[3])}

    def _told(self, detector: Detector) -> list[AlertFacts]:
        return [s.facts for s in self.memory.said.values() if s.facts.detector is detector]

    def _is_recent(self, evening: date) -> bool:
        return self.knowledge.area.clock.local_date(self.as_of) - evening <= LOOK_BACK


def _speaks_for(told: AlertFacts, facts: AlertFacts) -> bool:
    """Say whether people who know of `told` know of `facts` too."""
    if told.alert_id == facts.alert_id or facts.detector is Detector.MANY_CENTRES:
        return False
    is_here = told.centre_code == facts.centre_code or any(
        n.centre_code == facts.centre_code for n in told.nights
    )
    overlaps = told.first_evening <= facts.last_evening and facts.first_evening <= told.last_evening
    if not (is_here and overlaps):
        return False
    window = window_of(facts.detector)
    if window is None:
        return told.detector in NIGHT_IS_SPOKEN_FOR_BY
    is_latest = told.last_evening >= facts.last_evening - timedelta(days=2)
    return told.detector in window.spoken_for_by or (window.is_said_by_latest and is_latest)


def _rows(day: str, as_of: datetime, decisions: list[Decision], n_nights: int) -> pl.DataFrame:
    rows = [
        (
            f"{d.facts.alert_id}@{day}",
            d.facts.alert_id,
            as_of,
            str(d.reason),
            d.reason.is_said,
            d.facts.stands_chance,
            d.facts.model_dump_json(exclude_none=True),
        )
        for d in decisions
    ]
    roll = f'{{"n_nights":{n_nights},"n_decisions":{len(decisions)}}}'
    rows.append((f"morning@{day}", "", as_of, str(Reason.JUDGED), False, None, roll))
    return pl.DataFrame(rows, schema=DECISIONS.schema, orient="row")


def read_decision(row: dict[str, Any]) -> Decision:
    """Return the decision that a row of the decisions table keeps."""
    facts = AlertFacts.model_validate_json(row["facts"])
    return Decision(row["decided_as_of"], Reason(row["reason"]), facts)


def remember(decisions: pl.DataFrame) -> Memory:
    """Return what has been said, from the decisions that the warehouse keeps.

    Their column `sequence` is the place of their message in the outbox: what people heard last is what they believe.
    """
    alerts = decisions.filter(pl.col("alert_id") != "")
    latest = alerts.sort("decided_as_of").unique("alert_id", keep="last", maintain_order=True)
    memory = Memory(reasons={a: Reason(r) for a, r in latest.select("alert_id", "reason").iter_rows()})
    heard = alerts.filter("is_said").sort("sequence", "decided_as_of", nulls_last=True)
    told = heard.unique("alert_id", keep="last", maintain_order=True)
    for alert_id, reason, facts in told.select("alert_id", "reason", "facts").iter_rows():
        memory.said[alert_id] = Said(AlertFacts.model_validate_json(facts), Reason(reason))
    return memory
