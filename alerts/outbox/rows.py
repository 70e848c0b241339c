"""What this room reads from and adds to an open warehouse."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from alerts.deciding.knowledge import Completeness, is_noted
from alerts.deciding.labels import label_rows
from alerts.outbox.answers import Answer
from alerts.outbox.caught_up import catch_up, said_after_all, supersede
from alerts.outbox.intents import IS_WAITING, NOT_POSTED, POSTED, Intent, set_aside
from alerts.outbox.posting import Outcome
from alerts.outbox.removed import take_its_place
from alerts.outbox.silenced import held_by_silences, told_by
from alerts.outbox.unsilenced import unsilenced_edits
from alerts.words.other_nights import A_WEEK, A_YEAR, OtherNights, evenings_beside
from alerts.words.pauses import say_pause
from alerts.words.picture import Picture
from nte.area import Area
from nte.columns import INSTANT
from nte.progress import Look, Step, read_progress
from nte.reach import Reach
from nte.stops import IS_SILENT
from nte.tables.alerts import ACKNOWLEDGEMENTS, ALERTS, DECISIONS, OUTBOX, SILENCES
from nte.tables.bands import BANDS, COMPLETENESS
from nte.tables.counts import NIGHT_COUNT_REVISIONS, REACHES
from nte.tables.judgements import JUDGEMENTS, LABELLED_NIGHTS, WINDOW_SCORES
from nte.tables.progress import PROGRESS
from nte.words import NAMED_IN_ONE_LINE, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from alerts.deciding.facts import AlertFacts
    from nte.warehouse import Warehouse

DECIDED_ANEW = "its morning was judged anew, so it was decided anew"
NIGHTS_BEHIND_A_WINDOW = 70
"""Days before the first undecided morning whose judgements may still matter: look-back and four weekends."""


FIRST_TOLD = """
SELECT o.alert_id, o.channel, min(d.decided_as_of) AS first_at FROM outbox o JOIN decisions d USING (decision_id)
WHERE o.kind = 'head' AND o.purpose = 'alert' AND (o.status <> ? OR o.status_reason = ?) GROUP BY ALL
"""


def first_told(warehouse: Warehouse) -> pl.DataFrame:
    """Return alert_id, channel and first_at: the morning on which each channel was first told of an alert.

    What happened before it is nothing that the channel may work out: what it could not be told was known elsewhere.
    """
    return warehouse.query(FIRST_TOLD, [NOT_POSTED, NAMED_IN_ONE_LINE])


def completeness(warehouse: Warehouse, area: Area, now: datetime) -> Completeness:
    """Return how full nights are, as learned by `now` and as far as deliveries reach."""
    learned = warehouse.read(COMPLETENESS, "as_of <= ?", [now])
    return Completeness(area, learned, Reach(warehouse.read(REACHES), area.clock))


def undecided_looks(warehouse: Warehouse, now: datetime) -> tuple[list[Look], datetime | None]:
    """Return the looks at mornings that are to be decided, in order, and from when on they were decided before.

    Where one was judged anew, what was decided after it does not hold either.
    """
    judged, decided = (read_progress(warehouse, step) for step in (Step.JUDGE, Step.DECIDE))
    looks = judged.looks(now)
    new = [look for look in looks if decided.knowledge_at(look.as_of) != look.knowledge]
    anew = min((look.as_of for look in new if decided.knowledge_at(look.as_of)), default=None)
    return ([look for look in looks if look in new or (anew and look.as_of >= anew)], anew)


def what_they_need(
    warehouse: Warehouse, area: Area, looks: list[Look], now: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the judgements and windows that these looks need: theirs, and what came before."""
    since = min((look.as_of for look in looks), default=now)
    first = area.clock.local_date(since) - timedelta(days=NIGHTS_BEHIND_A_WINDOW)
    fresh = "SELECT evening FROM judgements WHERE as_of >= ?"
    judgements = warehouse.read(
        JUDGEMENTS,
        f"definition = ? AND as_of <= ? AND (evening >= ? OR evening IN ({fresh}))",
        [area.alert_definition, now, first, since],
    )
    key = ["evening", "centre_code", "source", "definition"]
    levels = warehouse.read(BANDS, "definition = ? AND evening >= ?", [area.alert_definition, first])
    noted = pl.when(is_noted(area)).then(pl.lit(value=True))
    judgements = (
        judgements.join(levels.select(*key, "alert_level"), on=key, how="left", maintain_order="left")
        .with_columns(is_noted=noted)
        .drop("alert_level")
    )
    windows = warehouse.read(
        WINDOW_SCORES, "as_of <= ? AND (last_evening >= ? OR as_of >= ?)", [now, first, since]
    )
    return judgements, windows


def decisions_until(warehouse: Warehouse, now: datetime) -> pl.DataFrame:
    """Return the decisions up to `now`, and all that people were told, with `sequence`, their place in the outbox."""
    told = warehouse.query(
        "SELECT decision_id, min(sequence) AS sequence FROM outbox WHERE decision_id IS NOT NULL GROUP BY decision_id"
    )
    decisions = warehouse.read(DECISIONS).join(told, on="decision_id", how="left")
    return decisions.filter((pl.col("decided_as_of") <= now) | pl.col("sequence").is_not_null())


def take_back(warehouse: Warehouse, since: datetime) -> None:
    """Remove what was decided from `since` on, except what people were told; its messages are not posted."""
    taken_back = (
        "decided_as_of >= ? AND decision_id NOT IN "
        "(SELECT decision_id FROM outbox WHERE decision_id IS NOT NULL AND posted_at IS NOT NULL)"
    )
    untold = f"posted_at IS NULL AND decision_id IN (SELECT decision_id FROM decisions WHERE {taken_back})"
    waiting = warehouse.read(OUTBOX, untold, [since])
    warehouse.merge(
        OUTBOX, waiting.with_columns(status=pl.lit(NOT_POSTED), status_reason=pl.lit(DECIDED_ANEW))
    )
    warehouse.remove(DECISIONS, taken_back, [since])
    warehouse.remove(PROGRESS, "step = ? AND as_of >= ?", [str(Step.DECIDE), since])


def names_of(warehouse: Warehouse, area: Area, looks: list[Look], now: datetime) -> dict[datetime, str]:
    """Return by what name each look goes in the ids of its decisions: its date, with the time for a later look.

    A name under which messages were written before gets the moment of this run too, so that what is new is said.
    """
    used = warehouse.query("SELECT DISTINCT decision_id FROM outbox WHERE decision_id IS NOT NULL")
    before = {decision_id.rsplit("@", 1)[1] for decision_id in used["decision_id"]}
    names = {}
    for look in looks:
        day = f"{area.clock.local_date(look.as_of)}"
        name = day if look.as_of == look.morning else f"{look.as_of:%Y-%m-%dT%H:%M:%SZ}"
        names[look.as_of] = f"{name}~{now:%Y-%m-%dT%H:%M:%SZ}" if name in before else name
    return names


def nights_of(warehouse: Warehouse, area: Area, picture: Picture) -> pl.DataFrame:
    """Return the bands of a picture's nights in each of its sources, with the counts as known on its morning."""
    sql = """
        SELECT b.source, b.evening, b.expected, b."lower", b."upper", b.alert_limit,
               arg_max(r.n_incidents, r.known_at) FILTER (r.known_at <= ?) AS n_incidents
        FROM bands b LEFT JOIN night_count_revisions r USING (evening, centre_code, source, definition)
        WHERE b.centre_code = ? AND list_contains(?, b.source) AND b.definition = ? AND b.evening BETWEEN ? AND ?
        GROUP BY ALL
    """
    span = [picture.first_evening, picture.evening]
    sources = [one.source for one in picture.sources]
    of = [picture.as_of, picture.centre_code, sources, area.alert_definition]
    nights = warehouse.query(sql, [*of, *span])
    return nights.filter(pl.col("evening").map_elements(area.clock.is_monitored, return_dtype=pl.Boolean))


def nights_beside(
    warehouse: Warehouse, area: Area, alerts: Sequence[AlertFacts], now: datetime
) -> OtherNights:
    """Return the counts of nights that may stand beside some alerts, and what is to be expected of those to come."""
    evenings = sorted({evening for facts in alerts for evening in evenings_beside(facts)})
    centres = sorted({facts.centre_code for facts in alerts})
    of = "definition = ? AND list_contains(?, evening) AND list_contains(?, centre_code)"
    revisions = warehouse.read(NIGHT_COUNT_REVISIONS, of, [area.alert_definition, evenings, centres])
    today = area.clock.local_date(now)
    ahead = "definition = ? AND evening >= ? AND list_contains(?, centre_code)"
    return OtherNights.of(revisions, warehouse.read(BANDS, ahead, [area.alert_definition, today, centres]))


def nights_of_weekend(warehouse: Warehouse, area: Area, evenings: Sequence[date]) -> OtherNights:
    """Return the first source's counts of a weekend's nights, of the weekend before and of the same a year before."""
    wanted = [evening - by for evening in evenings for by in (timedelta(), A_WEEK, A_YEAR)]
    of = "definition = ? AND source = ? AND list_contains(?, evening)"
    revisions = warehouse.read(NIGHT_COUNT_REVISIONS, of, [area.alert_definition, area.lead_source, wanted])
    return OtherNights.of(revisions, BANDS.empty())


def latest_judgements(warehouse: Warehouse, centre_codes: list[str], now: datetime) -> pl.DataFrame:
    """Return the latest judgement of each night and source of some town centres."""
    judged = warehouse.read(JUDGEMENTS, "list_contains(?, centre_code) AND as_of <= ?", [centre_codes, now])
    keys = ["evening", "centre_code", "source", "definition"]
    return judged.sort("as_of").unique(keys, keep="last", maintain_order=True)


def decided_before(warehouse: Warehouse, area: Area, day: date) -> bool:
    """Say whether mornings before a day were decided: only then can its alerts be counted."""
    sql = "SELECT 1 FROM decisions WHERE decided_as_of < ? LIMIT 1"
    return not warehouse.query(sql, [area.clock.morning_of(day)]).is_empty()


def first_judged(warehouse: Warehouse, area: Area) -> dict[str, date]:
    """Return by source the first evening of which anything was known when it was judged."""
    sql = "SELECT source, min(evening) FROM judgements WHERE definition = ? AND verdict <> ? GROUP BY source"
    return dict(warehouse.query(sql, [area.alert_definition, str(Verdict.UNKNOWN)]).iter_rows())


def append_intents(warehouse: Warehouse, intents: list[Intent], now: datetime) -> None:
    """Add intents to the outbox, in order."""
    first = warehouse.query("SELECT coalesce(max(sequence), 0) AS last FROM outbox")["last"][0] + 1
    rows = [intent.row(first + n, now) for n, intent in enumerate(intents)]
    warehouse.append(OUTBOX, pl.DataFrame(rows, schema=OUTBOX.schema))


def label_nights(warehouse: Warehouse) -> None:
    """Bring the labelled counts up to what people have answered."""
    answers = warehouse.read(ACKNOWLEDGEMENTS)
    about = "alert_id IN (SELECT alert_id FROM acknowledgements)"
    warehouse.replace(LABELLED_NIGHTS, label_rows(answers, warehouse.read(DECISIONS, about)))


SPEAKING_OF_A_SILENCE = (
    "kind IN ('head', 'edit') AND alert_id <> '' AND coalesce(head_id, message_id) IN "
    f"(SELECT coalesce(head_id, message_id) FROM outbox WHERE contains(message, '{IS_SILENT}'))"
)


def speak_again(warehouse: Warehouse, now: datetime) -> int:
    """Edit the heads that speak of a silence which stands no more; return how many."""
    said = warehouse.read(OUTBOX, SPEAKING_OF_A_SILENCE)
    centres = dict(warehouse.read(ALERTS).select("alert_id", "centre_code").iter_rows())
    edits = unsilenced_edits(said, warehouse.read(SILENCES), centres, now)
    append_intents(warehouse, edits, now)
    return len(edits)


def begin_posting(
    warehouse: Warehouse, area: Area, now: datetime, *, is_connected: bool
) -> tuple[pl.DataFrame, dict[str, Answer]]:
    """Put aside what may not go now and note the attempt for the rest, before Slack is called.

    Return the rest, new alerts first and otherwise in order, and where Slack has put the heads that were posted before.
    """
    outbox = warehouse.read(OUTBOX)
    said = _said_of(warehouse, outbox.filter(IS_WAITING))
    if is_connected:
        warehouse.merge(OUTBOX, catch_up(outbox))
    warehouse.merge(OUTBOX, supersede(warehouse.read(OUTBOX)))
    outbox = warehouse.read(OUTBOX).sort("sequence")
    waiting = outbox.filter(IS_WAITING)
    alerts = warehouse.read(ALERTS).select("alert_id", "last_evening", "centre_code")
    closed = {alert_id: area.clock.closes_at(evening) for alert_id, evening, _ in alerts.iter_rows()}
    silences = warehouse.read(SILENCES)
    centres = dict(alerts.select("alert_id", "centre_code").iter_rows())
    held = held_by_silences(
        outbox, waiting, told_by(said, area), silences=silences, centres=centres, area=area, now=now
    )
    aside = set_aside(waiting, closed, area, pause=say_pause(silences, area, now), held=held, now=now)
    rest = waiting.join(aside, on="message_id", how="anti", maintain_order="left")
    if is_connected:
        warehouse.merge(OUTBOX, rest.with_columns(n_attempts=pl.col("n_attempts") + 1))
    warehouse.merge(OUTBOX, aside)
    posted = outbox.filter(pl.col("status") == POSTED, pl.col("kind") == "head")
    columns = posted.select("message_id", "slack_channel", "slack_ts").iter_rows()
    is_new_alert = (pl.col("purpose") == "alert") & (pl.col("kind") == "head")
    return rest.sort(~is_new_alert, "sequence"), {
        message_id: Answer(channel, ts) for message_id, channel, ts in columns
    }


def _said_of(warehouse: Warehouse, waiting: pl.DataFrame) -> pl.DataFrame:
    """Return what was said of the alerts that messages wait about, each decision with its place in the outbox."""
    alert_ids = waiting.filter(pl.col("alert_id") != "")["alert_id"].unique().to_list()
    return warehouse.query(
        "SELECT d.decision_id, d.alert_id, d.reason, d.facts, d.decided_as_of, "
        "(SELECT min(o.sequence) FROM outbox o WHERE o.decision_id = d.decision_id) AS sequence "
        "FROM decisions d WHERE d.is_said AND list_contains(?, d.alert_id)",
        [alert_ids],
    )


def record_answer(warehouse: Warehouse, message_id: str, outcome: Outcome, now: datetime) -> bool:
    """Note what Slack answered, at once: a crash after this repeats nothing.

    Return whether more is to be posted: what takes the place of a message that somebody removed, or the thread of one
    that was there already.
    """
    answer = outcome.answer
    made = json.dumps(outcome.payload, ensure_ascii=False) if outcome.payload else None
    answered = warehouse.read(OUTBOX, "message_id = ?", [message_id]).with_columns(
        status=pl.lit(outcome.status),
        status_reason=pl.lit(outcome.status_reason, dtype=pl.String),
        payload=pl.coalesce(pl.lit(made, dtype=pl.String), "payload"),
        posted_at=pl.lit(now if answer else None, dtype=INSTANT),
        slack_channel=pl.lit(answer.slack_channel if answer else None, dtype=pl.String),
        slack_ts=pl.lit(answer.slack_ts if answer else None, dtype=pl.String),
    )
    if outcome.is_removed and answered["head_id"][0] is not None:
        answered = take_its_place(warehouse.read(OUTBOX), message_id, now)
        warehouse.merge(OUTBOX, answered)
        return bool((answered["kind"] == "head").any())
    rest = said_after_all(warehouse.read(OUTBOX), message_id) if outcome.was_there else OUTBOX.empty()
    warehouse.merge(OUTBOX, pl.concat([answered, rest]))
    return not rest.is_empty()
