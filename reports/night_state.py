"""One source's view of one night of one town centre: what is known, against what was to be expected."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from nte.area import Area, TownCentre
from nte.english import FILLING_HIGH, NOTED, say_filling
from nte.words import Verdict, WhyUnknown

Row = dict[str, Any]
Key = tuple[date, str, str]
FEW = "few"
"""The key under which a row holds 'fewer than 8' in the place of a count that its reader may not see."""


class State(StrEnum):
    """How a count stands to its band, or why that cannot be said."""

    FAR_ABOVE = "far-above"
    ABOVE = "above"
    FILLING_HIGH = "filling-high"
    WITHIN = "within"
    FEW = "few"
    NOT_JUDGED = "not-judged"
    NOT_KNOWN = "not-known"
    NO_DATA = "no-data"
    TO_COME = "to-come"

    @property
    def words(self) -> str:
        """Return it as people read it."""
        return _WORDS[self]

    @property
    def is_exceedance(self) -> bool:
        """Say whether the count is above what was to be expected."""
        return self in (State.ABOVE, State.FAR_ABOVE)


_WORDS = {
    State.FAR_ABOVE: "far above",
    State.ABOVE: "above",
    State.FILLING_HIGH: FILLING_HIGH,
    State.WITHIN: Verdict.WITHIN.meaning,
    State.FEW: "too few to be shown",
    State.NOT_JUDGED: "not judged",
    State.NOT_KNOWN: "not known",
    State.NO_DATA: "no data possible",
    State.TO_COME: "to come",
}
_VERDICTS: dict[str, State] = {
    Verdict.WITHIN: State.WITHIN,
    Verdict.ABOVE: State.ABOVE,
    Verdict.FAR_ABOVE: State.FAR_ABOVE,
}
NO_DELIVERY = "no believed delivery accounts for the whole night"


@dataclass(frozen=True)
class SourceNight:
    """What one source says of one night of one town centre."""

    source: str
    title: str
    state: State
    why: str
    """Why it was not judged, or is not known and whom to ask; empty where it was judged."""
    n_incidents: int | None
    """None where it is not known: never zero."""
    band: Row | None
    judgement: Row | None
    few: str = ""
    """'fewer than 8', where so small a count may not be shown; empty for any other."""
    is_noted: bool = False
    """As rare as an alert, and too few for one."""
    is_so_far: bool = False
    """Its count is to grow: the night is not complete, or above by what is still to come."""

    @property
    def ending(self) -> str:
        """Return '4 in 10 to end above its limit'; empty where no chance was stated."""
        chance = (self.judgement or {}).get("stands_chance")
        return say_filling(chance) if chance is not None else ""

    @property
    def words(self) -> str:
        """Return its state as people read it: a count over the band and not over its limit is no alert."""
        if self.state is State.FEW:
            return self.few
        if self.is_noted:
            return NOTED
        upper = self.band["upper"] if self.band else None
        is_over = upper is not None and self.n_incidents is not None and self.n_incidents > upper
        return "above the band, no alert" if self.state is State.WITHIN and is_over else self.state.words

    @property
    def has_count(self) -> bool:
        """Say whether a count may be shown."""
        return self.n_incidents is not None and self.state not in (State.NO_DATA, State.TO_COME)


@dataclass(frozen=True)
class Published:
    """What the published copy says of some nights, by evening, centre and source."""

    counts: dict[Key, Row]
    bands: dict[Key, Row]
    judgements: dict[Key, Row]
    """The latest of each night."""
    as_of: datetime
    """The morning until which it knows."""


def by_key(rows: list[Row]) -> dict[Key, Row]:
    """Return the rows by evening, centre and source."""
    return {key_of(row): row for row in rows}


def key_of(row: Row) -> Key:
    """Return a row's evening, centre and source."""
    return (row["evening"], row["centre_code"], row["source"])


def alert_sources(area: Area) -> list[str]:
    """Return the sources that the alert definition counts, in the area's order."""
    counted = area.definition(area.alert_definition).sources
    return [source for source in area.sources if source in counted]


def source_nights(area: Area, centre: TownCentre, evening: date, known: Published) -> list[SourceNight]:
    """Return every source's view of a night, side by side."""
    return [_source_night(area, centre, evening, source, known) for source in alert_sources(area)]


def _source_night(
    area: Area, centre: TownCentre, evening: date, source: str, known: Published
) -> SourceNight:
    key = (evening, centre.centre_code, source)
    few = ""
    count, band, judgement = known.counts.get(key), known.bands.get(key), known.judgements.get(key)
    title = area.sources[source].short_title
    if source not in centre.covered_by:
        state, why = State.NO_DATA, f"{title} does not serve {centre.name}: silent, not quiet"
    elif area.clock.closes_at(evening) > known.as_of:
        state, why = State.TO_COME, "the night is not over yet"
    elif few := str((known.counts.get(key) or {}).get(FEW, "")):
        state, why = State.FEW, "so small a count is not shown, nor how it stands to its band"
    else:
        state, why = _judged(area, source, count, band, judgement)
        state = State.FILLING_HIGH if state is State.WITHIN and fills_high(area, judgement) else state
    n_incidents = count["n_incidents"] if count and count["is_covered"] else None
    so_far = state.is_exceedance and _is_so_far(area, n_incidents, band, judgement)
    noted = state is State.WITHIN and _is_noted(area, source, band, judgement)
    return SourceNight(
        source, title, state, why, n_incidents, band, judgement, few, is_noted=noted, is_so_far=so_far
    )


def _is_noted(area: Area, source: str, band: Row | None, judgement: Row | None) -> bool:
    p_value, level = (judgement or {}).get("p_value"), (band or {}).get("alert_level")
    if p_value is None or level is None or judgement is None:
        return False
    return bool(p_value <= level and judgement["n_incidents"] < area.alerts.least_count.get(source, 0))


def _is_so_far(area: Area, n_incidents: int | None, band: Row | None, judgement: Row | None) -> bool:
    limit = (band or {}).get("alert_limit")
    is_full = ((judgement or {}).get("known_share") or 0.0) >= area.slack.complete_share
    return not is_full or (limit is not None and n_incidents is not None and n_incidents <= limit)


def fills_high(area: Area, judgement: Row | None) -> bool:
    """Say whether a night is no alert and may well end as one; of a complete one no record is missing."""
    judged = judgement or {}
    is_complete = (judged.get("known_share") or 0.0) >= area.slack.complete_share
    return not is_complete and area.alerts.fills_high(judged.get("stands_chance"))


def _judged(
    area: Area, source: str, count: Row | None, band: Row | None, judgement: Row | None
) -> tuple[State, str]:
    if count is None or not count["is_covered"] or count["n_incidents"] is None:
        why = judgement["why_unknown"] if judgement else None
        said = WhyUnknown(why).meaning if why else NO_DELIVERY
        return State.NOT_KNOWN, f"{said}{area.ask_about(source, why)}"
    if judgement and judgement["verdict"] in _VERDICTS:
        return _VERDICTS[judgement["verdict"]], ""
    if band is None:
        return State.NOT_JUDGED, "no band was issued for this night"
    if judgement and judgement["why_unknown"] == WhyUnknown.TOO_EARLY:
        return State.NOT_JUDGED, WhyUnknown.TOO_EARLY.meaning
    return State.NOT_JUDGED, "not judged yet"
