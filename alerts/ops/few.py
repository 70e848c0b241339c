"""Nights for which far fewer incidents came in the whole area than that weekday brings: what ops hear, once."""

from collections.abc import Sequence

import polars as pl

from alerts.ops.ops_messages import OpsWriter
from alerts.outbox.intents import Intent
from alerts.words.links import Links
from alerts.words.message import strong
from nte.area import Area
from nte.disclosure import policy_of
from nte.english import say_day
from nte.few_nights import FewNight, is_far_below
from nte.words import Audience


def few_intents(
    area: Area, nights: Sequence[FewNight], *, outbox: pl.DataFrame, base_url: str = ""
) -> list[Intent]:
    """Return what ops have not been told yet of nights that are far too quiet."""
    told = set(outbox.filter(pl.col("purpose") == "feed")["message_id"])
    writer = OpsWriter(area, "feed", told, Links(base_url))
    intents: list[Intent] = []
    for night in nights:
        head_id = f"few|{night.source}|{night.evening}"
        if night.is_far_below:
            text = _say(night, writer.area)
            intents += writer.head(head_id, text, _SMALL, links=writer.links.runbook("far-too-few-incidents"))
        elif head_id in writer.told:
            title = f"{area.source_title(night.source)}: incidents have come in."
            small = f"The night of {say_day(night.evening)} is no longer far below what was to be expected."
            intents += writer.ended(head_id, f"{strong(title)} {small}")
    return intents


_SMALL = "Messages and pages say that it is not known. A failed export looks like peace."


def _say(night: FewNight, area: Area) -> str:
    title = strong(f"{area.source_title(night.source)}: far fewer incidents than expected.")
    said = policy_of(area).say_count(night.source, round(night.n_incidents), Audience.OPS)
    with_before = ""
    if night.before and not is_far_below(night.n_incidents, night.expected, night.size):
        with_before = " It is the second such night."
    return (
        f"{title} The night of {say_day(night.evening)} has {said} in the whole area, where about "
        f"{night.expected:.0f} are usual on that day of the week when it is first known.{with_before} Ask the provider "
        "whether all was sent and whether its codes have changed."
    )
