"""Nights that are no alerts and worth a line: those that fill high, and rare ones with too few incidents to act on."""

from typing import Any

import polars as pl

from alerts.deciding.knowledge import is_noted
from alerts.words.message import strong
from nte.area import Area
from nte.disclosure import policy_of
from nte.english import NOTED, say_day, say_filling, say_limit, say_rarity
from nte.words import Audience, Verdict


def say_filling_high(area: Area, rows: pl.DataFrame, audience: Audience) -> str:
    """Return a line for each count that may well end above its limit, the likeliest first; empty without one.

    `rows`: the latest judgements. What may not be said to this audience is left out, with its chance.
    """
    high = rows.filter(
        pl.col("verdict") == str(Verdict.WITHIN),
        pl.col("known_share").fill_null(0.0) < area.slack.complete_share,
        pl.col("stands_chance").is_between(area.alerts.filling_high_from, area.alerts.gamma, closed="left"),
    ).sort("stands_chance", "centre_code", descending=[True, False])
    return "\n".join(
        f"{_count(area, row)} so far, {say_filling(row['stands_chance'])}{_say_limit(row)}"
        for row in _shown(area, high, audience)
    )


def say_noted(area: Area, rows: pl.DataFrame, bands: pl.DataFrame, audience: Audience) -> str:
    """Return in one line which counts are rare and under their least count; empty without one."""
    levels = bands.select("evening", "centre_code", "source", "alert_level")
    rare = (
        rows.join(levels, on=["evening", "centre_code", "source"])
        .filter(is_noted(area))
        .sort("p_value", "centre_code")
    )
    said = [
        f"{_count(area, row)} ({say_rarity(row['p_value'], area)})" for row in _shown(area, rare, audience)
    ]
    return f"{NOTED[:1].upper()}{NOTED[1:]}: {'; '.join(said)}." if said else ""


def _shown(area: Area, rows: pl.DataFrame, audience: Audience) -> list[dict[str, Any]]:
    policy = policy_of(area)
    return [
        r for r in rows.iter_rows(named=True) if policy.may_say_limit(r["source"], r["n_incidents"], audience)
    ]


def _say_limit(row: dict[str, Any]) -> str:
    return "" if row["alert_limit"] is None else f" ({say_limit(row['alert_limit'])})"


def _count(area: Area, row: dict[str, Any]) -> str:
    place, source = area.centre_name(row["centre_code"]), area.source_title(row["source"])
    return f"{strong(place)}, {say_day(row['evening'])}: {source} {row['n_incidents']}"
