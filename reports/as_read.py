"""What leads read of a night where that is not what its count alone says. Pure.

A count that stands in an alert is above, as people were told, while it may well end there. Of a night for which far too
few incidents came in the whole area nothing is known. Messages, digest and pages say it alike.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from nte.detectors import window_of
from nte.words import Reason, Verdict, WhyUnknown
from reports.night_state import FEW, Key, Published, Row, key_of

ABOVE = (str(Verdict.ABOVE), str(Verdict.FAR_ABOVE))
GONE: Row = {"n_incidents": None, "is_covered": False, FEW: ""}
UNKNOWN: Row = {
    "n_incidents": None,
    "verdict": str(Verdict.UNKNOWN),
    "why_unknown": str(WhyUnknown.UNUSABLE),
    "p_value": None,
    "stands_chance": None,
}
"""What stands in the place of a doubted count, and of its judgement."""


@dataclass(frozen=True)
class AsRead:
    """Turns rows of counts and of judgements into what is read of them."""

    doubted: Collection[tuple[str, date]] = ()
    """Source and evening of each night that is far too quiet."""
    said: Mapping[str, Sequence[tuple[datetime, Mapping[Key, str]]]] = field(default_factory=dict)
    """By alert: what people were told is above from each morning on, oldest first; nothing once it is withdrawn."""

    def as_told(self, known: Published) -> Published:
        """Return what is known, with what stands in an alert as people were told of it."""
        told = {key: self.judged_as_told(row, known.as_of) for key, row in known.judgements.items()}
        return replace(known, judgements=told)

    def judged_as_told(self, row: Row, at: datetime) -> Row:
        """Return a judgement as it was read on a morning."""
        told = self._told(key_of(row), at) if row["verdict"] == str(Verdict.WITHIN) else None
        # How rare so few would be does not go with what is claimed of the finished night.
        return row | {"verdict": told, "p_value": None} if told else row

    def without_doubted(self, seen: Published) -> Published:
        """Return what a reader sees, without what is doubted; what is above stays so.

        After what the reader may not know has gone: else a hidden count that is above would be known, and no other.
        """
        counts, judgements = dict(seen.counts), dict(seen.judgements)
        for key in counts.keys() | judgements.keys():
            if self.doubts(key, judgements.get(key, {}).get("verdict")):
                counts |= {key: counts[key] | GONE} if key in counts else {}
                judgements[key] = judgements.get(key, {}) | UNKNOWN
        return replace(seen, counts=counts, judgements=judgements)

    def doubts(self, key: Key, verdict: str | None) -> bool:
        """Say whether a night is far too quiet to be read as one, and not above as its reader sees it."""
        return (key[2], key[0]) in self.doubted and verdict not in ABOVE

    def coverage(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return which nights are known; `rows`: evening, source, is_covered."""
        nights = pl.DataFrame(list(self.doubted), {"source": pl.String, "evening": pl.Date}, orient="row")
        marked = rows.join(
            nights.with_columns(is_doubted=True), on=["source", "evening"], how="left", maintain_order="left"
        )
        is_known = pl.col("is_covered") & ~pl.col("is_doubted").fill_null(value=False)
        return marked.with_columns(is_covered=is_known).drop("is_doubted")

    def _told(self, key: Key, at: datetime) -> str | None:
        """Return the verdict that people had been told by a morning, of an alert that stood then."""
        for mornings in self.said.values():
            known = [above for as_of, above in mornings if as_of <= at]
            if known and key in known[-1]:
                return known[-1][key]
        return None


def said_of_nights(
    decisions: Sequence[Mapping[str, Any]],
) -> dict[str, list[tuple[datetime, dict[Key, str]]]]:
    """Return by alert what people were told is above, morning by morning.

    `decisions`: alert_id, decided_as_of, reason and facts of those that were said, oldest first. Windows are left out:
    their nights need not be above by themselves.
    """
    said: dict[str, list[tuple[datetime, dict[Key, str]]]] = {}
    for row in decisions:
        facts = json.loads(row["facts"])
        if window_of(facts["detector"]) is None:
            above = {} if row["reason"] == str(Reason.WITHDRAWN) else dict(_above(facts))
            said.setdefault(row["alert_id"], []).append((row["decided_as_of"], above))
    return said


def _above(facts: Mapping[str, Any]) -> list[tuple[Key, str]]:
    return [
        ((date.fromisoformat(night["evening"]), night["centre_code"], view["source"]), view["verdict"])
        for night in facts["nights"]
        for view in night["sources"]
        if view["verdict"] in ABOVE
    ]
