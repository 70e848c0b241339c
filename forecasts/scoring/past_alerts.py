"""What people were told about each alert, and what became of it in the end, from the decisions that said something."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from nte.detectors import window_of
from nte.words import Reason, Verdict

Place = tuple[str, date]
"""Centre and evening."""
View = tuple[str, date, str]
"""Centre, evening and source."""


@dataclass(frozen=True)
class Saying:
    """One thing that people were told about an alert."""

    alert_id: str
    as_of: datetime
    is_withdrawal: bool
    detector: str
    last_evening: date
    stands_chance: float | None
    counts: Mapping[View, int]
    """Every count that was known."""
    about: frozenset[View]
    """Those that the alert is about: the ones above, in a window all of them."""

    @property
    def places(self) -> set[Place]:
        """Return the nights that it speaks of."""
        return {(centre, evening) for centre, evening, _ in self.counts}


@dataclass(frozen=True)
class PastAlert:
    """All that people had been told about one alert by some morning, in order."""

    sayings: tuple[Saying, ...]

    @property
    def first(self) -> Saying:
        """Return what they were told first."""
        return self.sayings[0]

    @property
    def stands(self) -> bool:
        """Say whether they still had to take it as true."""
        return not self.sayings[-1].is_withdrawal

    @property
    def came_again(self) -> bool:
        """Say whether it was told once more after a withdrawal."""
        return any(before.is_withdrawal for before in self.sayings[:-1])

    @property
    def has_lost_records(self) -> bool:
        """Say whether a count that they were told of, since it was last raised, is lower in the last saying."""
        told: dict[View, int] = {}
        for saying in self.sayings[:-1]:
            if saying.is_withdrawal:
                told = {}
                continue
            told |= {view: max(told.get(view, 0), saying.counts[view]) for view in saying.about}
        now = self.sayings[-1].counts
        return any(view in now and now[view] < n for view, n in told.items())

    def stood_on(self, morning: datetime) -> bool:
        """Say whether people took it as true on a morning."""
        heard = [saying for saying in self.sayings if saying.as_of <= morning]
        return bool(heard) and not heard[-1].is_withdrawal


def read_sayings(decisions: pl.DataFrame) -> list[Saying]:
    """Return what was said, in order, of the rows of `decisions` that said something."""
    told = decisions.filter("is_said", pl.col("alert_id") != "").sort("decided_as_of", "decision_id")
    return [_saying(row) for row in told.iter_rows(named=True)]


def alerts_by(sayings: Iterable[Saying], morning: datetime) -> list[PastAlert]:
    """Return the alerts that people had been told of by a morning, each with all that was said by then."""
    by_alert: dict[str, list[Saying]] = defaultdict(list)
    for saying in sayings:
        if saying.as_of <= morning:
            by_alert[saying.alert_id].append(saying)
    return [PastAlert(tuple(parts)) for parts in by_alert.values()]


def _saying(row: Mapping[str, Any]) -> Saying:
    facts = json.loads(row["facts"])
    views = {
        (night["centre_code"], date.fromisoformat(night["evening"]), view["source"]): view
        for night in facts["nights"]
        for view in night["sources"]
    }
    counts = {key: view["n_incidents"] for key, view in views.items() if "n_incidents" in view}
    is_window = window_of(facts["detector"]) is not None
    return Saying(
        alert_id=row["alert_id"],
        as_of=row["decided_as_of"],
        is_withdrawal=row["reason"] == Reason.WITHDRAWN,
        detector=facts["detector"],
        last_evening=date.fromisoformat(facts["last_evening"]),
        stands_chance=row["stands_chance"],
        counts=counts,
        about=frozenset(k for k in counts if is_window or Verdict(views[k]["verdict"]).is_exceedance),
    )
