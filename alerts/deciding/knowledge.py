"""What was known on each morning, morning after morning: judgements and windows as they stood then."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from alerts.deciding.facts import EVERYWHERE, AlertFacts, NightFacts, SourceFacts
from nte.area import Area
from nte.reach import Reach
from nte.words import Detector, Verdict

Row = dict[str, Any]
Place = tuple[str, date]
Window = tuple[str, str, date, date]


class Completeness:
    """Which share of a night's final count is usually known: as learned, else as the area file says."""

    def __init__(self, area: Area, learned: pl.DataFrame, reach: Reach) -> None:
        self._reach = reach
        self._prior = {name: sorted(s.completeness_prior.items()) for name, s in area.sources.items()}
        self._clock = area.clock
        self._learned: dict[str, list[tuple[datetime, list[tuple[int, float]]]]] = defaultdict(list)
        groups = learned.sort("as_of", "age_days").group_by("source", "as_of", maintain_order=True)
        for (source, as_of), rows in groups:
            steps = list(rows.select("age_days", "known_share").iter_rows())
            self._learned[str(source)].append((_instant(as_of), steps))

    def known_share(self, source: str, evening: date, as_of: datetime) -> float:
        """Return the share of a source's final count of `evening` that is usually known as far as it has delivered."""
        age = (self._reach.day(source, as_of) - evening).days
        steps = self._steps(source, as_of)
        place = bisect_right(steps, age, key=lambda step: step[0])
        return steps[place - 1][1] if place else 0.0

    def settled_on(self, source: str, evening: date, as_of: datetime, share: float) -> date:
        """Return the day by which so large a share of a source's final count of `evening` is usually known.

        A source that fell silent is behind its nights' age by the days of its silence.
        """
        steps = self._steps(source, as_of)
        settles = next((age for age, known in steps if known >= share), steps[-1][0])
        silent = self._clock.local_date(as_of) - self._reach.day(source, as_of)
        return evening + timedelta(days=settles) + silent

    def _steps(self, source: str, as_of: datetime) -> list[tuple[int, float]]:
        learned = self._learned.get(source, [])
        place = bisect_right(learned, as_of, key=lambda pair: pair[0])
        return learned[place - 1][1] if place else self._prior.get(source, [(0, 1.0)])


@dataclass
class Knowledge:
    """The latest judgement of every series and window, moved forward one morning at a time."""

    area: Area
    completeness: Completeness
    nights: dict[Place, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    windows: dict[Window, Row] = field(default_factory=dict)
    exceeding: set[Place] = field(default_factory=set)

    def learn(self, judgements: Iterable[Row], windows: Iterable[Row]) -> tuple[set[Place], set[Window]]:
        """Take in one morning's rows; return the nights and windows that they speak of."""
        fresh_nights, fresh_windows = set(), set()
        for row in judgements:
            place = (row["centre_code"], row["evening"])
            self.nights[place][row["source"]] = row
            fresh_nights.add(place)
        for row in windows:
            window = (row["centre_code"], row["detector"], row["first_evening"], row["last_evening"])
            self.windows[window] = row
            fresh_windows.add(window)
        for place in fresh_nights:
            above = any(Verdict(r["verdict"]).is_exceedance for r in self.nights[place].values())
            (self.exceeding.add if above else self.exceeding.discard)(place)
        return fresh_nights, fresh_windows

    def night(self, place: Place, as_of: datetime) -> NightFacts:
        """Return one centre's night as known on a morning, its sources in the area file's order."""
        rows = self.nights.get(place, {})
        views = [self._view(rows[source], as_of) for source in self.area.sources if source in rows]
        return NightFacts(evening=place[1], centre_code=place[0], sources=tuple(views))

    def night_alert(self, place: Place, as_of: datetime) -> AlertFacts:
        """Return the facts of an alert about one night."""
        night = self.night(place, as_of)
        return self._alert(Detector.NIGHT, place[0], (place[1], place[1]), night.level, [night])

    def many_alert(self, evening: date, centres: Iterable[str], as_of: datetime) -> AlertFacts:
        """Return the facts of one alert about many centres on one evening."""
        nights = [self.night((centre, evening), as_of) for centre in sorted(centres)]
        level = max((n.level for n in nights), key=lambda v: v.rank, default=Verdict.UNKNOWN)
        return self._alert(Detector.MANY_CENTRES, EVERYWHERE, (evening, evening), level, nights)

    def window_alert(self, window: Window, as_of: datetime) -> AlertFacts:
        """Return the facts of an alert about a window of nights."""
        centre, detector, first, last = window
        row = self.windows[window]
        nights = [self.night(place, as_of) for place in self._nights_in(window)]
        level = Verdict.ABOVE if row["is_exceedance"] else Verdict.WITHIN
        facts = self._alert(Detector(detector), centre, (first, last), level, nights)
        kept = ("score", "score_limit", "stands_chance")
        return facts.model_copy(update={name: row[name] for name in kept})

    def is_outdated(self, window: Window) -> bool:
        """Say whether one of a window's nights was judged anew since the window was scored."""
        scored_at = self.windows[window]["as_of"]
        places = self._nights_in(window)
        return any(row["as_of"] > scored_at for place in places for row in self.nights[place].values())

    def _nights_in(self, window: Window) -> list[Place]:
        """Return the nights of a window that are known, the oldest first."""
        centre, _, first, last = window
        return sorted(place for place in self.nights if place[0] == centre and first <= place[1] <= last)

    def _view(self, row: Row, as_of: datetime) -> SourceFacts:
        names = SourceFacts.model_fields.keys() & row.keys()
        view = SourceFacts.model_validate({name: row[name] for name in names})
        share = self._known_share(view, row["evening"], as_of)
        settled = self.area.slack.settled_share
        by = (
            None
            if share >= settled
            else self.completeness.settled_on(view.source, row["evening"], as_of, settled)
        )
        return view.model_copy(update={"known_share": round(share, 4), "settled_on": by})

    def _known_share(self, view: SourceFacts, evening: date, as_of: datetime) -> float:
        """Return the share that the judgement went by; by the rule before, which kept no fresh one, that of the age."""
        if view.stands_chance is not None and view.known_share is not None:
            return view.known_share
        return self.completeness.known_share(view.source, evening, as_of)

    def _alert(
        self,
        detector: Detector,
        centre: str,
        span: tuple[date, date],
        level: Verdict,
        nights: list[NightFacts],
    ) -> AlertFacts:
        known = [s for n in nights for s in n.sources if s.verdict is not Verdict.UNKNOWN]
        least = min((s.known_share or 0.0 for s in known), default=0.0)
        return AlertFacts(
            detector=detector,
            definition=self.area.alert_definition,
            centre_code=centre,
            first_evening=span[0],
            last_evening=span[1],
            level=level,
            nights=tuple(nights),
            is_settled=least >= self.area.slack.settled_share,
            is_complete=least >= self.area.slack.complete_share,
            stands_chance=max((s.stands_chance for s in known if s.stands_chance is not None), default=None),
        )


def is_noted(area: Area) -> pl.Expr:
    """Say of judgements with `alert_level` which are as rare as an alert, of fewer than their source's least count."""
    least = pl.col("source").replace_strict(area.alerts.least_count, default=0, return_dtype=pl.Int64)
    is_rare = pl.col("p_value") <= pl.col("alert_level")
    return (pl.col("verdict") == str(Verdict.WITHIN)) & is_rare & (pl.col("n_incidents") < least)


def by_morning(rows: pl.DataFrame) -> Mapping[datetime, list[Row]]:
    """Return the rows of each morning."""
    mornings: dict[datetime, list[Row]] = defaultdict(list)
    for row in rows.sort("as_of").iter_rows(named=True):
        mornings[row["as_of"]].append(row)
    return mornings


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} is not an instant")
    return value
