"""What ops hear of a channel that Slack refuses, and of an alert that reaches nobody: once, and its end once."""

import polars as pl

from alerts.ops.ops_messages import OpsWriter
from alerts.outbox.held import held_back, refused_channels, unreached_alerts
from alerts.outbox.intents import Intent
from alerts.words.links import Links
from alerts.words.message import strong
from nte.area import Area
from nte.english import listed

PURPOSE = "undelivered"


def undelivered_intents(
    area: Area, outbox: pl.DataFrame, alerts: pl.DataFrame, *, base_url: str = ""
) -> list[Intent]:
    """Return what ops have not been told yet of channels that refuse and of alerts that reach nobody.

    Nothing is written about the ops channel itself: `nte status` and the page say that.
    """
    refused = {c: why for c, why in refused_channels(outbox).items() if c != area.slack.ops_channel}
    told = outbox.filter(pl.col("purpose") == PURPOSE)["message_id"].to_list()
    writer = OpsWriter(area, PURPOSE, set(told), Links(base_url))
    unreached = unreached_alerts(outbox)
    return [
        *(
            intent
            for channel in refused
            for intent in _about_channel(channel, refused[channel], outbox, writer)
        ),
        *(
            i
            for alert_id, channels in unreached.items()
            for i in _about_alert(alert_id, channels, alerts, writer)
        ),
        *_about_ends(refused, unreached, writer),
    ]


def _about_channel(channel: str, why: str, outbox: pl.DataFrame, writer: OpsWriter) -> list[Intent]:
    if writer.standing(f"channel|{channel}|"):
        return []
    first = min(held.since for held in held_back(outbox) if held.channel == channel)
    return writer.head(
        f"channel|{channel}|{first:%Y-%m-%dT%H:%M}",
        f"{strong(f'{channel}: messages cannot be posted there.')} {why}.",
        "What waits is posted with the first run after that, once each.",
        links=writer.links.runbook("slack-refuses"),
    )


def _about_alert(alert_id: str, channels: list[str], alerts: pl.DataFrame, writer: OpsWriter) -> list[Intent]:
    headline = alerts.filter(pl.col("alert_id") == alert_id)["headline"].to_list()
    if not headline or writer.standing(f"alert|{alert_id}|"):
        return []
    return writer.head(
        f"alert|{alert_id}|{len([m for m in writer.told if m.startswith(f'alert|{alert_id}|')])}",
        f"{strong('An alert reaches nobody.')} {headline[0]}. It waits for {listed(channels)}. "
        f"Tell {listed([_readers(channel, writer.area) for channel in channels])} by another way.",
        "Said here because no channel that it is for can be posted to; ops are told no counts.",
        links=writer.links.runbook("slack-refuses"),
    )


def _readers(channel: str, area: Area) -> str:
    """Return who is to be told in the place of a channel: the contact, or its readers where none is named."""
    districts = [d for d, c in area.slack.district_channels.items() if c == channel]
    known = [area.contacts.districts[d] for d in districts if d in area.contacts.districts]
    return listed(known) if known else f"the readers of {channel}"


def _about_ends(refused: dict[str, str], unreached: dict[str, list[str]], writer: OpsWriter) -> list[Intent]:
    intents = []
    for head_id in writer.standing("channel|"):
        if (channel := head_id.split("|")[1]) not in refused:
            intents += writer.ended(head_id, f"{strong(f'{channel}: messages are posted there again.')}")
    for head_id in writer.standing("alert|"):
        if head_id.split("|")[1] not in unreached:
            intents += writer.ended(head_id, f"{strong('The alert is no longer without a reader.')}")
    return intents
