"""One weekend of the whole area: every town centre's nights, each source against its band. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nte.area import Area, TownCentre
from nte.english import say_days, say_share
from reports.night_state import Published, Row, SourceNight, State, alert_sources, source_nights
from reports.wording import say_span

MOST_UNFOLDED = 3
"""So many quiet town centres a small screen shows as they are."""


@dataclass(frozen=True)
class NightCell:
    """One night of one town centre."""

    evening: date
    sources: tuple[SourceNight, ...]

    @property
    def above(self) -> list[SourceNight]:
        """Return the sources that are above what was to be expected."""
        return [view for view in self.sources if view.state.is_exceedance]

    @property
    def is_quiet(self) -> bool:
        """Say whether nothing is above or filling high, as far as it is known and may be shown."""
        return not any(view.state.is_exceedance or view.state is State.FILLING_HIGH for view in self.sources)

    @property
    def brief(self) -> str:
        """Return 'Police 6, A&E 9 as expected; Ambulance not known': the night in one line."""
        within = [
            f"{view.title} {view.n_incidents}" for view in self.sources if view.words == State.WITHIN.words
        ]
        rest = [
            f"{view.title} {f'{view.n_incidents} ' if view.has_count else ''}{view.words}"
            for view in self.sources
            if view.words != State.WITHIN.words
        ]
        return "; ".join([f"{', '.join(within)} {State.WITHIN.words}"] * bool(within) + rest)

    @property
    def is_far(self) -> bool:
        """Say whether a source is far above."""
        return any(view.state is State.FAR_ABOVE for view in self.sources)


@dataclass(frozen=True)
class CentreRow:
    """One town centre's weekend."""

    centre_code: str
    name: str
    district: str
    nights: tuple[NightCell, ...]
    is_alerted: bool = False
    """People were told of an alert about one of these nights."""

    @property
    def is_quiet(self) -> bool:
        """Say whether nothing stands out here, as far as it is known and may be shown."""
        return not self.is_alerted and all(night.is_quiet for night in self.nights)


@dataclass(frozen=True)
class NightHead:
    """What is true of a night in the whole area."""

    evening: date
    events: str
    is_over: bool
    completeness: tuple[tuple[str, str], ...]
    """Source and the share of its final count that is usually known by now."""


@dataclass(frozen=True)
class WeekendPage:
    """A weekend, and its neighbours where they can be shown."""

    evenings: tuple[date, ...]
    heads: tuple[NightHead, ...]
    centres: tuple[CentreRow, ...]
    previous: date | None
    following: date | None

    @property
    def title(self) -> str:
        """Return '3 to 5 April 2026'."""
        return say_span(self.evenings[0], self.evenings[-1])

    @property
    def standing_out(self) -> list[tuple[CentreRow, NightCell]]:
        """Return the nights on which some source is above, those far above first."""
        found = [(centre, night) for centre in self.centres for night in centre.nights if night.above]
        return sorted(found, key=lambda f: (not f[1].is_far, f[1].evening, f[0].name))

    @property
    def filling_high(self) -> list[tuple[CentreRow, NightCell, SourceNight]]:
        """Return the counts that are no alerts and may well end above their limits, the likeliest first."""
        found = [
            (centre, night, view)
            for centre in self.centres
            for night in centre.nights
            for view in night.sources
            if view.state is State.FILLING_HIGH
        ]
        return sorted(found, key=lambda f: -(f[2].judgement or {})["stands_chance"])

    @property
    def n_folded(self) -> int:
        """Return how many quiet town centres a small screen folds away; 0 where they are few."""
        n_quiet = sum(centre.is_quiet for centre in self.centres)
        return n_quiet if n_quiet > MOST_UNFOLDED else 0

    @property
    def has_few(self) -> bool:
        """Say whether some counts are too small for this reader."""
        views = [view for centre in self.centres for night in centre.nights for view in night.sources]
        return any(view.state is State.FEW for view in views)

    @property
    def n_not_known(self) -> int:
        """Return how many views are not known although their night is over."""
        views = [view for centre in self.centres for night in centre.nights for view in night.sources]
        return sum(view.state is State.NOT_KNOWN for view in views)

    @property
    def not_known(self) -> list[str]:
        """Return 'Police: Sat 28 Mar (its delivery is late; ask data desk)': nights, why, and whom to ask."""
        nights: dict[tuple[str, str], set[date]] = {}
        for view, evening in ((v, n.evening) for c in self.centres for n in c.nights for v in n.sources):
            if view.state is State.NOT_KNOWN:
                nights.setdefault((view.title, view.why), set()).add(evening)
        return [f"{title}: {say_days(sorted(evenings))} ({why})" for (title, why), evenings in nights.items()]

    @property
    def is_over(self) -> bool:
        """Say whether one of its nights is over."""
        return any(head.is_over for head in self.heads)


def weekend_of(area: Area, day: date) -> tuple[date, ...]:
    """Return the monitored evenings of the week that contains `day`."""
    monday = day - timedelta(days=day.weekday())
    return tuple(e for n in range(7) if area.clock.is_monitored(e := monday + timedelta(days=n)))


def view_weekend(
    area: Area,
    evenings: Sequence[date],
    known: Published,
    *,
    events: dict[date, str],
    completeness: Sequence[Row],
    first: date,
    last: date,
    places: Sequence[TownCentre],
    alerted: Collection[str] = (),
) -> WeekendPage:
    """Return a weekend; `first` and `last` are the evenings between which there is something to show.

    `places`: the town centres that concern its reader; `alerted`: the codes of those with an alert about it.
    """
    heads = tuple(_head(area, evening, events, completeness, known) for evening in evenings)
    centres = [
        CentreRow(
            centre.centre_code,
            centre.name,
            centre.district,
            tuple(NightCell(e, tuple(source_nights(area, centre, e, known))) for e in evenings),
            is_alerted=centre.centre_code in alerted,
        )
        for centre in places
    ]
    before, after = evenings[0] - timedelta(days=7), evenings[0] + timedelta(days=7)
    return WeekendPage(
        tuple(evenings),
        heads,
        tuple(sorted(centres, key=lambda centre: centre.name)),
        before if before >= first - timedelta(days=6) else None,
        after if after <= last else None,
    )


def _head(
    area: Area, evening: date, events: dict[date, str], completeness: Sequence[Row], known: Published
) -> NightHead:
    is_over = area.clock.closes_at(evening) <= known.as_of
    age_days = (area.clock.local_date(known.as_of) - evening).days
    shares = [
        (area.sources[source].short_title, share)
        for source in alert_sources(area)
        if is_over and (share := _share(source, age_days, completeness))
    ]
    return NightHead(evening, events.get(evening, "").replace("_", " "), is_over, tuple(shares))


def _share(source: str, age_days: int, completeness: Sequence[Row]) -> str:
    """Return the share that is usually known at the last learned age not after this one."""
    learned = [r for r in completeness if r["source"] == source and r["age_days"] <= age_days]
    if not learned:
        return ""
    return say_share(float(max(learned, key=lambda r: int(r["age_days"]))["known_share"]))
