"""Everything that is said of a scene, by the functions that say it: alerts, edits, replies, charts, outlooks, digests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from alerts.deciding.decisions import Said
from alerts.deciding.facts import EVERYWHERE
from alerts.deciding.knowledge import Completeness, Knowledge
from alerts.deciding.mornings import Memory, Wishes, read_decision, walk_mornings
from alerts.nights.intents import IntentWriter
from alerts.ops.few import few_intents
from alerts.outbox import registry
from alerts.outbox.intents import Head, Intent
from alerts.outbox.still_open import say_still_open
from alerts.weekends.bulletins import digest_intents
from alerts.weekends.outlook import beside_usual, last_weekend, write_outlook
from alerts.weekends.review import due_reviews, review_intents
from alerts.weekends.weekend import Weekend
from alerts.weekends.young import say_filling_high
from alerts.words.message import Message
from alerts.words.other_nights import OtherNights
from alerts.words.picture import Picture
from alerts.words.seen_rows import seen_rows
from nte.disclosure import audience_of
from nte.few_nights import FewNight
from nte.night_chart import drawn
from nte.picture_span import FRIDAY, Chapter
from nte.reach import Reach
from nte.tables.alerts import ACKNOWLEDGEMENTS, OUTBOX, SILENCES
from nte.tables.bands import BAND_SCORES, COMPLETENESS
from nte.tables.counts import REACHES
from nte.words import Audience, Detector
from tests.alerts.scenes import AREA
from tests.attacker.scenes import Key, Scene

ADDRESS = "https://nte.example"
CHANNELS = {
    "#nte-police": Audience.POLICE,
    "#nte-derby": Audience.LICENSING,
    "#nte-amber-valley": Audience.LICENSING,
    "#nte-ops": Audience.OPS,
}
"""The police; a district of one town centre, where every sum is a count; a district of five; and ops."""


@dataclass(frozen=True)
class Told:
    """One message in one channel, as known at `as_of`, with the values that its picture draws."""

    channel: str
    as_of: datetime
    purpose: str
    kind: str
    message: Message
    drawn: tuple[tuple[Key, dict[str, Any]], ...] = ()
    alert_id: str = ""

    @property
    def audience(self) -> Audience:
        """Return who reads it."""
        return CHANNELS[self.channel]

    @property
    def detector(self) -> Detector:
        """Return what kind of alert it is about: its id goes with every button."""
        place, span, _ = self.alert_id.split("/")
        first, _, last = span.partition("..")
        if place == EVERYWHERE:
            return Detector.MANY_CENTRES
        if not last:
            return Detector.NIGHT
        is_short = date.fromisoformat(last) - date.fromisoformat(first) < timedelta(days=7)
        return Detector.WEEKEND if is_short else Detector.FOUR_WEEKENDS


def tell(scene: Scene) -> list[Told]:
    """Return everything that the readers of CHANNELS are told of a scene, in order."""
    decisions = _decisions(scene)
    intents = list(_alerts(scene, decisions))
    alerts = [told for as_of, intent in intents for told in _told(intent, as_of, scene)]
    later = [*_bulletins(scene, decisions, intents), *_reviews(scene, decisions, intents)]
    return sorted([*alerts, *later], key=lambda told: told.as_of)


def _decisions(scene: Scene) -> pl.DataFrame:
    knowledge = Knowledge(AREA, Completeness(AREA, COMPLETENESS.empty(), Reach(REACHES.empty(), AREA.clock)))
    wishes = Wishes(SILENCES.empty(), ACKNOWLEDGEMENTS.empty())
    names = {as_of: f"{AREA.clock.local_date(as_of)}" for as_of in scene.mornings}
    return walk_mornings(knowledge, Memory(), scene.judgements, scene.windows, wishes=wishes, names=names)


def _alerts(scene: Scene, decisions: pl.DataFrame) -> Iterator[tuple[datetime, Intent]]:
    said: dict[str, Said] = {}
    heads: dict[tuple[str, str], Head] = {}
    first_at: dict[tuple[str, str], datetime] = {}
    others = _other_nights(scene)
    for (as_of,), rows in decisions.filter("is_said").group_by("decided_as_of", maintain_order=True):
        assert isinstance(as_of, datetime)
        writer = IntentWriter(
            AREA, as_of, ADDRESS, said, heads, SILENCES.empty(), nights=others, first_at=first_at
        )
        made = [(row["decision_id"], read_decision(row)) for row in rows.iter_rows(named=True)]
        yield from ((as_of, intent) for intent in writer.write(made))


def _other_nights(scene: Scene) -> OtherNights:
    ahead = scene.bands.select("evening", "centre_code", "source", "made_at", "expected").iter_rows()
    return OtherNights(
        {(evening, centre, source): steps for (centre, evening, source), steps in scene.truth.items()},
        {
            (evening, centre, source): (made_at, expected)
            for evening, centre, source, made_at, expected in ahead
        },
    )


def _told(intent: Intent, as_of: datetime, scene: Scene) -> Iterator[Told]:
    if intent.channel not in CHANNELS:
        return
    drawn = tuple(_drawn(intent.picture, scene)) if intent.picture else ()
    yield Told(intent.channel, as_of, intent.purpose, intent.kind, intent.message, drawn, intent.alert_id)


def _drawn(picture: Picture, scene: Scene) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Return the values that a picture holds of each night: what can be read off its dots, lines and words."""
    is_in = pl.col("evening").is_between(picture.first_evening, picture.evening)
    for one in picture.sources:
        own = scene.bands.filter(is_in, centre_code=picture.centre_code, source=one.source).sort("evening")
        keys = [(picture.centre_code, evening, one.source) for evening in own["evening"]]
        counts = [scene.count(key, picture.as_of) for key in keys]
        nights = own.with_columns(n_incidents=pl.Series(counts, dtype=pl.Int64))
        chapter = Chapter(nights, one.source, one.least_shown, one.verdict, one.is_so_far)
        yield from zip(keys, drawn(chapter, picture.evening, picture.marked_from), strict=True)


def _bulletins(
    scene: Scene, decisions: pl.DataFrame, intents: list[tuple[datetime, Intent]]
) -> Iterator[Told]:
    for friday in sorted({e for e in scene.bands["evening"] if e.weekday() == FRIDAY}):
        weekend = Weekend.of(AREA, friday)
        yield from _outlooks(scene, weekend, AREA.clock.morning_of(friday))
        as_of = AREA.clock.morning_of(friday + timedelta(days=3))
        latest = _latest(scene, as_of)
        rows = [intent.row(n, at) for n, (at, intent) in enumerate(intents) if at <= as_of]
        still_open = say_still_open(
            pl.DataFrame(rows, schema=OUTBOX.schema),
            registry.alert_rows(decisions.filter(pl.col("decided_as_of") <= as_of), AREA),
            {},
            since=friday - timedelta(days=21),
        )
        said = _digests(scene, weekend, latest, as_of, still_open)
        for intent in [*said, *few_intents(AREA, _few_nights(latest), outbox=OUTBOX.empty())]:
            yield from _told(intent, as_of, scene)


def _reviews(scene: Scene, decisions: pl.DataFrame, intents: list[tuple[datetime, Intent]]) -> Iterator[Told]:
    """Return what is said of each alert two weeks later, on Mondays."""
    told: list[str] = []
    for as_of in (at for at in scene.mornings if at.weekday() == 0):
        alerts = registry.alert_rows(decisions.filter(pl.col("decided_as_of") <= as_of), AREA)
        rows = [i.row(n, at) for n, (at, i) in enumerate(intents) if at <= as_of and i.kind == "head"]
        heads = pl.DataFrame(rows, schema=OUTBOX.schema)
        due = due_reviews(alerts, heads.with_columns(first_at="written_at"), SILENCES.empty(), told, as_of)
        for intent in review_intents(AREA, due, _latest(scene, as_of)):
            told.append(intent.message_id)
            yield from _told(intent, as_of, scene)


def _digests(
    scene: Scene, weekend: Weekend, latest: pl.DataFrame, as_of: datetime, still_open: dict[str, list[str]]
) -> list[Intent]:
    learned = Completeness(AREA, COMPLETENESS.empty(), Reach(REACHES.empty(), AREA.clock))
    return digest_intents(
        AREA,
        weekend,
        latest,
        scene.bands,
        [],
        scores=BAND_SCORES.empty(),
        nights=_other_nights(scene),
        now=as_of,
        still_open=still_open,
        known_share=lambda source, evening: learned.known_share(source, evening, as_of),
    )


def _outlooks(scene: Scene, weekend: Weekend, as_of: datetime) -> Iterator[Told]:
    rows = beside_usual(scene.bands.filter(pl.col("evening") <= weekend.evenings[-1]), weekend)
    latest = _latest(scene, as_of)
    districts = {channel: name for name, channel in AREA.slack.district_channels.items()}
    for channel, audience in CHANNELS.items():
        if audience is Audience.OPS:
            continue
        own = districts.get(channel)
        codes = [c.centre_code for c in AREA.current_centres if own in (None, c.district)]
        filling = last_weekend(
            seen_rows(AREA, latest.filter(pl.col("centre_code").is_in(codes)), audience_of(AREA, channel)),
            weekend,
        )
        message = write_outlook(
            AREA, weekend, rows, _special(weekend), codes, audience=audience, has_chart=True,
            filling_high=say_filling_high(AREA, filling, audience),
        )  # fmt: skip
        yield Told(channel, as_of, "outlook", "head", message)


def _special(weekend: Weekend) -> dict[date, str]:
    return {weekend.evenings[0]: "Bank holiday weekend"}


def _latest(scene: Scene, as_of: datetime) -> pl.DataFrame:
    known = scene.judgements.filter(pl.col("as_of") <= as_of).sort("as_of")
    return known.unique(["evening", "centre_code", "source"], keep="last", maintain_order=True)


def _few_nights(latest: pl.DataFrame) -> list[FewNight]:
    """Return what ops are told of: far too few wherever a source has less than usual."""
    known = latest.filter(pl.col("verdict") != "unknown")
    sums = known.group_by("source", "evening", maintain_order=True).agg(pl.col("n_incidents").sum())
    return [FewNight(source, evening, n, 60.0, 36.0) for source, evening, n in sums.iter_rows()]
