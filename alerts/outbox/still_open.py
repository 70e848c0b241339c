"""Which alerts stand open in each channel, as it was told of them, and who acts on them."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import polars as pl

from alerts.outbox.intents import IS_TOLD
from alerts.words.answers import OVER
from alerts.words.message import Message, bare, strong
from alerts.words.wording import WITHDRAWN

MOST_LINES = 5
NOBODY = "nobody has said yet that they act on it"


def say_still_open(
    outbox: pl.DataFrame, alerts: pl.DataFrame, owners: Mapping[tuple[str, str], str], *, since: date
) -> dict[str, list[str]]:
    """Return by channel a sentence for each alert that stands there, the latest night first, with its owner.

    What a channel was told last stands for the alert: what it may not know does not stand in it. Left out are alerts
    whose last night was before `since`. `owners` says by alert and channel who acts on it.
    """
    is_open = ~pl.col("state").is_in(OVER) & (pl.col("last_evening") >= since)
    told = _last_told(outbox).join(alerts.filter(is_open).select("alert_id", "last_evening"), on="alert_id")
    said: dict[str, list[str]] = defaultdict(list)
    for row in told.sort("last_evening", "alert_id", descending=[True, False]).iter_rows(named=True):
        message = Message.model_validate_json(row["message"])
        if not message.headline.endswith(WITHDRAWN):
            said[row["channel"]].append(_say(message, owners.get((row["alert_id"], row["channel"]), NOBODY)))
    return {channel: _at_most(lines) for channel, lines in said.items()}


def _last_told(outbox: pl.DataFrame) -> pl.DataFrame:
    """Return the head of each alert and channel in its latest form, of those that people were told of."""
    of_alerts = outbox.filter(pl.col("purpose") == "alert")
    heads = of_alerts.filter(pl.col("kind") == "head", IS_TOLD)
    forms = of_alerts.filter(pl.col("kind").is_in(["head", "edit"])).join(
        heads.select("alert_id", "channel"), on=["alert_id", "channel"], how="semi"
    )
    return forms.sort("sequence").unique(["alert_id", "channel"], keep="last", maintain_order=True)


def _say(message: Message, owner: str) -> str:
    when = "".join(span.text for span in message.lead[0]) if message.lead else ""
    return f"{strong(message.headline)}, {bare(when)}: {owner}"


def _at_most(lines: list[str]) -> list[str]:
    rest = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([f"and {rest} more"] if rest > 0 else [])]
