"""What people answered about an alert, in words; what keeps its small changes quiet stands wherever that is shown."""

from datetime import datetime

import polars as pl

from alerts.words.message import outside
from nte.area import Area
from nte.english import say_short_instant
from nte.words import AlertState

SAID = {
    "acted_on": "is being acted on",
    "known_event": "is explained by a known event",
    "data_fault": "is put down to a fault in the data",
    "note": "has a note",
}
OVER = (str(AlertState.WITHDRAWN), str(AlertState.COMPLETED))


def say_answered(answers: pl.DataFrame, alerts: pl.DataFrame, area: Area, since: datetime) -> list[str]:
    """Return a sentence for each open alert of which small changes are not told, because somebody has answered.

    Without the note: it is for the channel in which it was typed. Answers before `since` are of alerts that nobody
    looks at any more.
    """
    quiet = answers.filter(pl.col("kind") != "note", pl.col("made_at") >= since).sort("made_at")
    last = quiet.unique("alert_id", keep="last", maintain_order=True)
    still = last.join(alerts.filter(~pl.col("state").is_in(OVER)), on="alert_id").sort("made_at")
    return [
        f"{row['headline']}: it {SAID[row['kind']]} since {say_short_instant(row['made_at'], area)}, says "
        f"{row['made_by']}; small changes are not told"
        for row in still.iter_rows(named=True)
    ]


def say_owners(answers: pl.DataFrame, area: Area) -> dict[str, str]:
    """Return, by alert, who has taken it on since when: its last answer that is no mere note."""
    last = answers.filter(pl.col("kind") != "note").sort("made_at").unique("alert_id", keep="last")
    said = {}
    for row in last.iter_rows(named=True):
        since, who = say_short_instant(row["made_at"], area), outside(row["made_by"])
        said[row["alert_id"]] = f"{SAID[row['kind']]} since {since}, says {who}"
    return said
