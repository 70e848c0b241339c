"""One night of one town centre: what each source says, as known each morning, and what was decided. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from nte.area import Area, TownCentre
from nte.english import FILLING_HIGH, say_day, say_limit, say_no_alert, say_odds, say_rarity, say_short_day
from nte.picture_span import first_shown
from nte.words import Answered, Reason, Verdict
from reports.night_state import (
    FEW,
    Key,
    Published,
    Row,
    SourceNight,
    State,
    alert_sources,
    fills_high,
    source_nights,
)

VERDICTS = {
    Verdict.WITHIN: Verdict.WITHIN.meaning,
    Verdict.ABOVE: State.ABOVE.words,
    Verdict.FAR_ABOVE: State.FAR_ABOVE.words,
    Verdict.UNKNOWN: State.NOT_JUDGED.words,
}


@dataclass(frozen=True)
class NightPicture:
    """A night on the bands of the weekends before it."""

    svg: str
    words: tuple[str, ...]
    """The same in words, the latest night first."""


@dataclass(frozen=True)
class SourcePanel:
    """One source's view of the night, with its picture."""

    view: SourceNight
    rarity: str
    picture: NightPicture | None


@dataclass(frozen=True)
class Known:
    """What one source's count and verdict were on a morning."""

    count: str
    verdict: str
    is_exceedance: bool
    is_new: bool
    """Different from the morning before."""


@dataclass(frozen=True)
class Morning:
    """What was known on a morning, by source in the page's order."""

    as_of: datetime
    sources: tuple[Known, ...]


@dataclass(frozen=True)
class Night:
    """Everything that the page of one night shows."""

    centre: TownCentre
    evening: date
    events: str
    panels: tuple[SourcePanel, ...]
    mornings: tuple[Morning, ...]
    alerts: tuple[Row, ...]
    decisions: tuple[Row, ...]
    answers: tuple[Row, ...]


def view_night(
    area: Area,
    centre: TownCentre,
    evening: date,
    known: Published,
    *,
    events: str,
    revisions: Sequence[Row],
    judged: Sequence[Row],
    alerts: Sequence[Row],
    decisions: Sequence[Row],
    answers: Sequence[Row],
    least_shown: Mapping[str, int],
) -> Night:
    """Return one night; `known` reaches back over the weekends that the pictures show.

    `least_shown`: the smallest count of each source that its reader sees.
    """
    panels = [
        SourcePanel(view, rarity_of(view, area), _picture(area, centre, evening, view, known, least_shown))
        for view in source_nights(area, centre, evening, known)
    ]
    return Night(
        centre,
        evening,
        events.replace("_", " "),
        tuple(panels),
        tuple(mornings(area, revisions, judged)),
        tuple(alerts),
        tuple(d | {"said": Reason(d["reason"]).meaning} for d in decisions),
        tuple(a | {"said": say_answer(a["kind"], a["actions"], area)} for a in answers),
    )


def say_answer(kind: str, actions: str, area: Area) -> str:
    """Return 'is being acted on (patrol, licensing visit)'."""
    said, titles = Answered(kind).meaning, area.action_titles(actions or "")
    return f"{said} ({', '.join(title[:1].lower() + title[1:] for title in titles)})" if titles else said


def rarity_of(view: SourceNight, area: Area) -> str:
    """Return how often so many or more come on such a night; empty where such a count is usual.

    Of a night that is no alert only by the rule of today: before, it was of what should be in by then.
    """
    judgement = view.judgement or {}
    p_value = judgement.get("p_value")
    if p_value is None:
        return ""
    if view.state is State.WITHIN and judgement.get("stands_chance") is not None:
        said = say_no_alert(p_value, area, is_noted=view.is_noted)
        return f"{said[:1].upper()}{said[1:]}." if said else ""
    if not view.state.is_exceedance:
        return ""
    return f"So many or more would come by chance: {say_rarity(p_value, area)}."


def mornings(area: Area, revisions: Sequence[Row], judged: Sequence[Row]) -> list[Morning]:
    """Return each morning on which a count or a verdict changed, oldest first."""
    instants = sorted({*(r["known_at"] for r in revisions), *(j["as_of"] for j in judged)})
    sources = alert_sources(area)
    before: list[Known] | None = None
    found = []
    for instant in instants:
        now = [_known(area, source, instant, revisions, judged) for source in sources]
        said = [
            Known(k.count, k.verdict, k.is_exceedance, before is None or _differs(k, before[n]))
            for n, k in enumerate(now)
        ]
        if any(k.is_new for k in said):
            found.append(Morning(instant, tuple(said)))
        before = now
    return found


def _differs(now: Known, before: Known) -> bool:
    return (now.count, now.verdict) != (before.count, before.verdict)


def _known(
    area: Area, source: str, instant: datetime, revisions: Sequence[Row], judged: Sequence[Row]
) -> Known:
    count = _latest([r for r in revisions if r["source"] == source and r["known_at"] <= instant])
    verdict = _latest([j for j in judged if j["source"] == source and j["as_of"] <= instant])
    is_known = count is not None and count["is_covered"] and count["n_incidents"] is not None
    few = str((count or {}).get(FEW, ""))
    said = _say_verdict(area, verdict) if verdict and is_known else ""
    is_exceedance = said in (State.ABOVE.words, State.FAR_ABOVE.words)
    shown = few or (str(count["n_incidents"]) if count and is_known else "not known")
    return Known(shown, said, is_exceedance, is_new=False)


def _say_verdict(area: Area, judged: Row) -> str:
    """Return 'as expected', or what that morning's message said of it: 'filling high (7 in 10)'."""
    if judged["verdict"] == Verdict.WITHIN and fills_high(area, judged):
        return f"{FILLING_HIGH} ({say_odds(judged['stands_chance'])})"
    return VERDICTS.get(judged["verdict"], "")


def _latest(rows: list[Any]) -> Row | None:
    return rows[-1] if rows else None


def _picture(  # noqa: PLR0917
    area: Area,
    centre: TownCentre,
    evening: date,
    view: SourceNight,
    known: Published,
    least_shown: Mapping[str, int],
) -> NightPicture | None:
    from nte.night_chart import as_svg, night_chart  # takes a while to import

    if view.state is State.NO_DATA:
        return None
    every = sorted({e for e, code, _ in [*known.bands, *known.counts] if code == centre.centre_code})
    evenings = [e for e in every if first_shown(evening) <= e <= evening and area.clock.is_monitored(e)]
    keys = [(e, centre.centre_code, view.source) for e in evenings]
    nights = [_in_picture(known, key) for key in keys]
    few = [str(known.counts.get(key, {}).get(FEW, "")) for key in keys]
    drawn = [
        (*night[:-1], STANDS_FOR_FEW) if said else night for said, night in zip(few, nights, strict=True)
    ]
    frame = pl.DataFrame(drawn, schema=PICTURE, orient="row")
    chart = (
        night_chart(
            frame,
            evening,
            f"{centre.name}, {say_day(evening)}, {view.title}",
            least_shown=least_shown.get(view.source, 0),
            verdict=_DRAWN.get(view.state, Verdict.WITHIN),
            is_so_far=view.is_so_far,
        )
        if nights
        else None
    )
    words = tuple(
        _say_night(said, *night) for said, night in zip(reversed(few), reversed(nights), strict=True)
    )
    return NightPicture(as_svg(chart), words) if chart else None


STANDS_FOR_FEW = 0
"""In the place of every count that is not shown: no dot is drawn under the least shown."""
_DRAWN = {State.ABOVE: Verdict.ABOVE, State.FAR_ABOVE: Verdict.FAR_ABOVE, State.NOT_KNOWN: Verdict.UNKNOWN}
PICTURE = {
    "evening": pl.Date, "expected": pl.Float64, "lower": pl.Int64, "upper": pl.Int64, "alert_limit": pl.Int64,
    "n_incidents": pl.Int64,
}  # fmt: skip
InPicture = tuple[date, float | None, int | None, int | None, int | None, int | None]


def _in_picture(known: Published, key: Key) -> InPicture:
    band, row = known.bands.get(key), known.counts.get(key)
    n_incidents = row["n_incidents"] if row and row["is_covered"] else None
    if band is None:
        return (key[0], None, None, None, None, n_incidents)
    return (key[0], band["expected"], band["lower"], band["upper"], band["alert_limit"], n_incidents)


def _say_night(  # noqa: PLR0917  a row of the picture
    few: str,
    day: date,
    expected: float | None,
    lower: int | None,
    upper: int | None,
    alert_limit: int | None,
    n_incidents: int | None,
) -> str:
    said = few or ("not known" if n_incidents is None else str(n_incidents))
    band = "" if expected is None else f", expected {expected:.1f}, band {lower} to {upper}"
    limit = "" if alert_limit is None else f", {say_limit(alert_limit)}"
    return f"{say_short_day(day)} {day.year}: {said}{band}{limit}"
