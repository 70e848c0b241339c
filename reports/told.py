"""What a reader is told of what the published copy holds: no more than the channels of the same audience say. Pure.

What may not be said is taken out of the rows, before any view is made of them: a small count, and whatever stands
beside it that would give it away (verdict, limit, rarity, chance).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from nte.area import Area
from nte.disclosure import DisclosurePolicy, policy_of
from nte.readers import Reader
from nte.stops import EVERY_CHANNEL, PAUSE
from nte.words import NAMED_IN_ONE_LINE, SETTLING, AlertState, MessageStatus
from reports.night_state import FEW, Key, Published, Row


@dataclass(frozen=True)
class Told:
    """Takes out of rows what a reader may not know."""

    area: Area
    reader: Reader
    channels: Sequence[Row] = ()
    """Alert and channel, for each channel in which people were told of an alert."""

    @property
    def policy(self) -> DisclosurePolicy:
        """The area's disclosure policy."""
        return policy_of(self.area)

    def least_shown(self, source: str) -> int:
        """Return the smallest count of a source that this reader sees."""
        return self.policy.least_shown(source, self.reader.audience)

    def published(self, known: Published) -> Published:
        """Return what is known with small counts in words, and nothing beside them."""
        counts = {key: self.count(row) for key, row in known.counts.items()}
        judgements = {key: row for key, row in known.judgements.items() if not self.hides(row)}
        few = {key for key, row in counts.items() if row.get(FEW)}
        return replace(
            known,
            counts=counts,
            judgements={key: row for key, row in judgements.items() if key not in few},
            bands={key: self._band(row, key, few) for key, row in known.bands.items()},
        )

    def count(self, row: Row) -> Row:
        """Return a row of a count as this reader may have it."""
        if not self.hides(row):
            return row
        said = self.policy.say_count(row["source"], row["n_incidents"], self.reader.audience)
        return row | {"n_incidents": None, FEW: said}

    def judged(self, row: Row) -> Row:
        """Return a row of a judgement, its verdict taken out where its count may not be shown."""
        return row | dict.fromkeys(("n_incidents", "verdict", "stands_chance")) if self.hides(row) else row

    def hides(self, row: Row) -> bool:
        """Say whether the count of a row may not be shown."""
        n_incidents = row["n_incidents"]
        if n_incidents is None:
            return False
        return not self.policy.is_shown(row["source"], n_incidents, self.reader.audience)

    def alerts(self, alerts: Sequence[Row]) -> list[Row]:
        """Return the alerts as this reader was told of them: by the own channels, in their words and at their times."""
        if self.reader.sees_all:
            return [row | {"said": AlertState(row["state"]).meaning} for row in alerts]
        own = self.reader.channels(self.area)
        told = {row["alert_id"]: row for row in reversed(self.channels) if row["channel"] in own}
        return [row | _as_told(told[row["alert_id"]]) for row in alerts if row["alert_id"] in told]

    def answers(self, answers: Sequence[Row], alerts: Sequence[Row]) -> list[Row]:
        """Return who has taken on these alerts, since this reader was told of each, and all that own channels answered.

        An answer made before would say that others were told earlier, and so of a count that is hidden here. Whether an
        alert was useful is for the channel that was asked. Who sees all sees every answer.
        """
        since = {alert["alert_id"]: alert["raised_as_of"] for alert in alerts}
        # A copy that was published before answers had a channel stands until the next one.
        known = [{"channel": None} | row for row in answers if row["alert_id"] in since]
        if self.reader.sees_all:
            return known
        own = self.reader.channels(self.area)
        return [
            row
            for row in known
            if row["made_at"] >= since[row["alert_id"]] and (row["kind"] in SETTLING or row["channel"] in own)
        ]

    def stops(self, silences: Sequence[Row]) -> list[Row]:
        """Return the pauses, and the silences of this reader's channels."""
        if self.reader.sees_all:
            return list(silences)
        own = {*self.reader.channels(self.area), EVERY_CHANNEL}
        return [row for row in silences if row["kind"] == PAUSE or row["channel"] in own]

    def _band(self, row: Row, key: Key, few: set[Key]) -> Row:
        may_name = self.policy.may_name_limit(row["source"], row["alert_limit"], self.reader.audience)
        # The rise that would be seen tells the limit.
        return row if may_name and key not in few else row | {"alert_limit": None, "detectable_ratio": None}


def _as_told(row: Row) -> Row:
    return {
        "headline": row["headline"],
        "said": "",
        "raised_as_of": row["said_at"],
        "changed_as_of": row["changed_at"],
    }


def told_in_channels(said: pl.DataFrame) -> pl.DataFrame:
    """Return what the message of each alert says now in each channel that it was not kept from.

    `said`: the first messages and their edits, in order; each message as the outbox keeps it.
    """
    is_named = (pl.col("status_reason") == NAMED_IN_ONE_LINE).fill_null(value=False)
    is_told = (pl.col("kind") == "head") & ((pl.col("status") != str(MessageStatus.NOT_POSTED)) | is_named)
    told = said.filter(is_told)
    now = said.sort("sequence").join(told, on=["alert_id", "channel"], how="semi")
    headline = pl.col("message").str.json_path_match("$.headline").fill_null("")
    nights = pl.col("message").str.json_path_match("$.lead[0][0].text").fill_null("")
    return now.group_by("alert_id", "channel", maintain_order=True).agg(
        headline=pl.format("{} ({})", headline, nights).last(),
        said_at=pl.col("written_at").filter(is_told).min(),
        changed_at=pl.col("written_at").max(),
    )
