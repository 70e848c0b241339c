"""What is said without anything being wrong: the outlook before a weekend, the digest after it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import polars as pl

from alerts.outbox.intents import Intent
from alerts.weekends.calibration import say_scores
from alerts.weekends.centre_counts import KnownShare
from alerts.weekends.digest import write_digest
from alerts.weekends.outlook import beside_usual, last_weekend, picture_of_outlook, write_outlook
from alerts.weekends.weekend import Weekend
from alerts.weekends.young import say_filling_high
from alerts.words.doubted import Doubted, without_doubted
from alerts.words.links import Links
from alerts.words.message import Message
from alerts.words.other_nights import OtherNights
from alerts.words.seen_rows import seen_rows
from nte.area import Area
from nte.disclosure import audience_of


def outlook_intents(
    area: Area,
    weekend: Weekend,
    bands: pl.DataFrame,
    special: dict[date, str],
    told: Sequence[str],
    *,
    judgements: pl.DataFrame,
    doubted: Doubted = (),
) -> list[Intent]:
    """Return the outlook for each channel that has not had it; nothing before the bands are issued.

    `bands`: of the weekend and of the twelve weeks before it. `special`: what is special about an evening.
    `judgements`: the latest of each series, of which those of the weekend before may still fill high.
    """
    if not set(weekend.evenings) <= set(bands["evening"]):
        return []
    rows = beside_usual(bands, weekend)
    intents = []
    for channel, (place, codes) in _readers(area).items():
        if f"outlook@{weekend.evenings[0]}|{channel}" not in told:
            drawn = picture_of_outlook(area, weekend, rows, codes, place)
            audience = audience_of(area, channel)
            own = seen_rows(area, judgements.filter(pl.col("centre_code").is_in(codes)), audience)
            own = without_doubted(own, doubted)
            message = write_outlook(
                area,
                weekend,
                rows,
                special,
                codes,
                audience=audience,
                has_chart=drawn is not None,
                filling_high=say_filling_high(area, last_weekend(own, weekend), audience),
            )
            intents.append(_intent("outlook", channel, weekend, message, drawn))
    return intents


def digest_intents(
    area: Area,
    weekend: Weekend,
    judgements: pl.DataFrame,
    bands: pl.DataFrame,
    told: Sequence[str],
    *,
    scores: pl.DataFrame,
    nights: OtherNights,
    now: datetime,
    still_open: Mapping[str, Sequence[str]],
    known_share: KnownShare,
    doubted: Doubted = (),
    base_url: str = "",
) -> list[Intent]:
    """Return the digest for each channel that has not had it; for ops how the bands have done, and no count.

    `judgements`: the latest of each series. `nights`: their counts, and those of the weekend and of the year before.
    `still_open`: by channel a sentence for each open alert. `scores` and `known_share` as known now.
    `base_url`: where the weekend's page is; empty where pages are not served.
    """
    if judgements.is_empty():
        return []
    intents = []
    for channel, (place, codes) in _readers(area).items():
        if f"digest@{weekend.evenings[0]}|{channel}" not in told:
            audience = audience_of(area, channel)
            message = write_digest(
                area,
                weekend,
                without_doubted(seen_rows(area, judgements, audience), doubted),
                bands,
                codes,
                place=place,
                nights=nights,
                now=now,
                still_open=still_open.get(channel, ()),
                known_share=known_share,
                audience=audience,
            )
            links = Links(base_url).weekend(weekend.evenings[0])
            message = message.model_copy(update={"links": tuple(links)})
            intents.append(_intent("digest", channel, weekend, message))
    if f"digest@{weekend.evenings[0]}|{area.slack.ops_channel}" not in told:
        said = say_scores(scores)
        intents.append(_intent("digest", area.slack.ops_channel, weekend, Message.of(said, lead=said)))
    return intents


def _readers(area: Area) -> dict[str, tuple[str, list[str]]]:
    """Return each channel with the place that it is about, and the town centres that concern it."""
    districts: dict[str, list[str]] = {}
    for district, channel in area.slack.district_channels.items():
        districts.setdefault(channel, []).append(district)
    centres = area.current_centres
    readers = {
        channel: (" and ".join(own), [c.centre_code for c in centres if c.district in own])
        for channel, own in districts.items()
    }
    everybody = {area.slack.police_channel: (area.name, [c.centre_code for c in centres])}
    return everybody | {channel: r for channel, r in readers.items() if r[1] and channel not in everybody}


def _intent(
    purpose: str, channel: str, weekend: Weekend, message: Message, drawn: bytes | None = None
) -> Intent:
    message_id = f"{purpose}@{weekend.evenings[0]}|{channel}"
    return Intent(
        message_id=message_id, purpose=purpose, kind="head", channel=channel, message=message, drawn=drawn
    )
