"""What a silence does to waiting messages: of its town centre, in its channel, no other. Pure, over rows.

A first message waits; it goes with its newest facts, or not at all where it was withdrawn meanwhile (`caught_up`). What
only says a change is not said, for the message itself is edited and says it. Far above goes through, and so does
the end of what people were told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from alerts.deciding.facts import AlertFacts
from alerts.outbox.intents import HELD, NOT_POSTED, POSTED
from alerts.words.seen import as_seen
from alerts.words.wording import WITHDRAWN
from nte.area import Area
from nte.disclosure import audience_of
from nte.stops import say_silence, silence_of
from nte.words import Audience, Verdict

SAID_BY_THE_MESSAGE = "its town centre was silent in this channel; the message itself was edited and says it"
Row = dict[str, Any]
Put = dict[str, tuple[str, str]]
"""By message: the status and its reason."""


@dataclass(frozen=True)
class Told:
    """What a decision says, as far as a silence asks."""

    newly_far: frozenset[Audience]
    """For whom it is far above, as they see it, who had not been told so."""


def told_by(decisions: pl.DataFrame, area: Area) -> dict[str, Told]:
    """Return what each decision tells. `decisions`: those that say something, with `sequence`, of whole alerts."""
    told: dict[str, Told] = {}
    before: dict[str, frozenset[Audience]] = {}
    for row in decisions.sort("sequence", "decided_as_of", nulls_last=True).iter_rows(named=True):
        facts = AlertFacts.model_validate_json(row["facts"])
        far = frozenset(a for a in Audience if as_seen(facts, area, a).level is Verdict.FAR_ABOVE)
        told[row["decision_id"]] = Told(far - before.get(row["alert_id"], frozenset()))
        before[row["alert_id"]] = far
    return told


def held_by_silences(
    outbox: pl.DataFrame,
    waiting: pl.DataFrame,
    told: Mapping[str, Told],
    *,
    silences: pl.DataFrame,
    centres: Mapping[str, str],
    area: Area,
    now: datetime,
) -> Put:
    """Return the waiting messages that a silence stops. `centres`: the town centre of each alert."""
    put: Put = {}
    for thread in _threads(outbox, waiting):
        head = thread[0]
        silence = silence_of(silences, centres.get(head["alert_id"], ""), head["channel"], now)
        if silence is not None:
            put |= _thread(thread, told, say_silence(silence, area), audience_of(area, head["channel"]))
    return {message_id: put[message_id] for message_id in waiting["message_id"] if message_id in put}


def _thread(thread: list[Row], told: Mapping[str, Told], why: str, audience: Audience) -> Put:
    head, *rest = thread
    through = {r["message_id"] for r in thread if _goes_through(r, head, told, audience)}
    is_posted = head["status"] == POSTED
    put: Put = {} if is_posted or through else {head["message_id"]: (HELD, why)}
    for row in rest:
        if row["kind"] == "reply" and row["message_id"] not in through:
            put[row["message_id"]] = (NOT_POSTED, SAID_BY_THE_MESSAGE)
        elif row["kind"] == "edit" and head["message_id"] in put:
            put[row["message_id"]] = (HELD, why)
    return put


def _goes_through(row: Row, head: Row, told: Mapping[str, Told], audience: Audience) -> bool:
    says = told.get(row["decision_id"])
    if says is None or row["kind"] == "edit":
        return says is None
    is_end = WITHDRAWN in row["message"].lower() and head["status"] == POSTED
    return audience in says.newly_far or is_end


def _threads(outbox: pl.DataFrame, waiting: pl.DataFrame) -> Iterator[list[Row]]:
    """Return each alert's thread in which something waits, head first; only what its decisions say."""
    alerts = outbox.filter(pl.col("purpose") == "alert").sort("sequence")
    own = alerts.with_columns(thread=pl.coalesce("head_id", "message_id"))
    concerned = own.join(waiting.select("message_id"), on="message_id", how="semi")["thread"].unique()
    for _, rows in own.filter(pl.col("thread").is_in(concerned.implode())).group_by(
        "thread", maintain_order=True
    ):
        yield rows.drop("thread").to_dicts()
