"""What is said without anything being wrong: the outlook before a weekend, the digest after it."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from alerts import blocks
from alerts.digest import write_digest
from alerts.disclosure import audience_of
from alerts.outbox import Intent
from alerts.outlook import beside_usual, write_outlook
from alerts.weekend import Weekend
from nte.area import Area


def outlook_intents(
    area: Area, weekend: Weekend, bands: pl.DataFrame, special: dict[date, str], told: Sequence[str]
) -> list[Intent]:
    """Return the outlook for each channel that has not had it; nothing before the bands are issued.

    `bands`: of the weekend and of the twelve weeks before it. `special`: what is special about an evening.
    """
    if not set(weekend.evenings) <= set(bands["evening"]):
        return []
    rows = beside_usual(bands, weekend)
    return [
        _intent("outlook", channel, weekend, write_outlook(area, weekend, rows, special, codes))
        for channel, codes in _readers(area)
        if f"outlook@{weekend.evenings[0]}|{channel}" not in told
    ]


def digest_intents(
    area: Area, weekend: Weekend, judgements: pl.DataFrame, bands: pl.DataFrame, told: Sequence[str]
) -> list[Intent]:
    """Return the digest for each channel that has not had it. `judgements`: the latest of each series."""
    if judgements.is_empty():
        return []
    return [
        _intent(
            "digest",
            channel,
            weekend,
            write_digest(area, weekend, judgements, bands, codes, audience=audience_of(area, channel)),
        )
        for channel, codes in _readers(area)
        if f"digest@{weekend.evenings[0]}|{channel}" not in told
    ]


def _readers(area: Area) -> list[tuple[str, list[str]]]:
    """Return each channel with the town centres that concern it."""
    centres = area.current_centres
    readers = [(area.slack.police_channel, [c.centre_code for c in centres])]
    for district, channel in area.slack.district_channels.items():
        if codes := [c.centre_code for c in centres if c.district == district]:
            readers.append((channel, codes))
    return readers


def _intent(purpose: str, channel: str, weekend: Weekend, message: blocks.Payload) -> Intent:
    message_id = f"{purpose}@{weekend.evenings[0]}|{channel}"
    return Intent(message_id=message_id, purpose=purpose, kind="head", channel=channel, payload=message)
