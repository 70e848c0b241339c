"""The attack: each channel is read from its first message to its last, and solved."""

from dataclasses import dataclass

from nte.disclosure import policy_of
from nte.words import Audience
from tests.alerts.scenes import AREA
from tests.attacker.pages import look_at_pages, reader_of
from tests.attacker.reading import Reader
from tests.attacker.scenes import Scene
from tests.attacker.solving import Won, possible, worked_out
from tests.attacker.statements import Known
from tests.attacker.telling import CHANNELS, Told, tell

LEAST_COUNT = dict(AREA.alerts.least_count)


@dataclass(frozen=True)
class Attack:
    """What came of it in one channel."""

    channel: str
    known: Known
    won: list[Won]
    misread: list[str]
    """Where the truth is not among what he takes to be possible: he misread, or was told what is not so."""


def attack(scene: Scene) -> list[Attack]:
    """Return what the attacker wins in each channel from everything that was told there of a scene."""
    told, found = tell(scene), []
    for channel in CHANNELS:
        known = read(told, channel)
        if CHANNELS[channel] is not Audience.OPS:
            look_at_pages(scene, reader_of(channel, CHANNELS[channel]), known)
        ranges = possible(known, LEAST_COUNT)
        truths = ((cell, scene.count(cell.key, cell.as_of)) for cell in ranges)
        wrong = [
            f"{cell}: is {n}, taken for {ranges[cell][0]} to {ranges[cell][1]}"
            for cell, n in truths
            if n is not None and not ranges[cell][0] <= n <= ranges[cell][1]
        ]
        found.append(Attack(channel, known, worked_out(known, ranges, LEAST_COUNT), wrong))
    return found


def read(told: list[Told], channel: str) -> Known:
    """Return what the readers of a channel know when they have read everything."""
    audience = CHANNELS[channel]
    least = {source: policy_of(AREA).least_shown(source, audience) for source in AREA.sources}
    reader = Reader(AREA, least)
    for one in told:
        if one.channel == channel:
            reader.read(one)
    return reader.known
