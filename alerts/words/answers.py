"""What people answered about an alert, in words: in its head, in its thread, and where what stops messages is shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from alerts.words.message import outside, strong
from nte.area import Area
from nte.english import say_short_instant
from nte.words import SETTLING, AlertState, Answered

OVER = (str(AlertState.WITHDRAWN), str(AlertState.COMPLETED))
_TITLES = {
    Answered.ACTED_ON: "Being acted on",
    Answered.KNOWN_EVENT: "Explained by a known event",
    Answered.DATA_FAULT: "Put down to a fault in the data",
}


def say_answered(answers: pl.DataFrame, alerts: pl.DataFrame, area: Area, since: datetime) -> list[str]:
    """Return a sentence for each open alert of which small changes are not told, because somebody has answered.

    Without the note: it is for the channel in which it was typed. Answers before `since` are of alerts that nobody
    looks at any more.
    """
    last = _last(answers.filter(pl.col("made_at") >= since))
    still = last.join(alerts.filter(~pl.col("state").is_in(OVER)), on="alert_id").sort("made_at")
    return [
        f"{row['headline']}: it {say_what(row['kind'], row['actions'], area)} since "
        f"{say_short_instant(row['made_at'], area)}, says {row['made_by']}; small changes are not told"
        for row in still.iter_rows(named=True)
    ]


def say_owners(answers: pl.DataFrame, first_told: pl.DataFrame, area: Area) -> dict[tuple[str, str], str]:
    """Return, by alert and channel, who has taken it on since when, and what is done: its last answer that settles it.

    `first_told`: alert_id, channel and first_at. An answer made before would say that others were told earlier.
    """
    known = answers.drop("channel").join(first_told, on="alert_id")
    said = {}
    for row in _last(known.filter(pl.col("made_at") >= pl.col("first_at")), "channel").iter_rows(named=True):
        since, who = say_short_instant(row["made_at"], area), outside(row["made_by"])
        what = say_what(row["kind"], row["actions"], area)
        said[row["alert_id"], row["channel"]] = f"{what} since {since}, says {who}"
    return said


def say_what(kind: str, actions: str, area: Area) -> str:
    """Return 'is being acted on (patrol, licensing visit)'."""
    said = Answered(kind).meaning
    return f"{said} ({_actions(actions, area)})" if actions else said


def say_owner_lines(answers: pl.DataFrame, area: Area) -> dict[str, str]:
    """Return, by alert, the line of its head that says who has taken it on since when; its last such answer."""
    return {row["alert_id"]: say_owner(row, area) for row in _last(answers).iter_rows(named=True)}


def say_owner(row: Mapping[str, Any], area: Area) -> str:
    """Return 'Being acted on since Mon 30 Mar, 09:12 (k.shah): patrol, licensing visit.'"""
    title, since = strong(_TITLES[Answered(row["kind"])]), say_short_instant(row["made_at"], area)
    done = f": {_actions(row['actions'], area)}" if row["actions"] else ""
    return f"{title} since {since} ({outside(row['made_by'])}){done}."


def _actions(codes: str, area: Area) -> str:
    titles = area.action_titles(codes)
    return ", ".join(outside(title[:1].lower() + title[1:]) for title in titles)


def _last(answers: pl.DataFrame, *by: str) -> pl.DataFrame:
    settling = answers.filter(pl.col("kind").is_in(SETTLING)).sort("made_at")
    return settling.unique(["alert_id", *by], keep="last", maintain_order=True)
