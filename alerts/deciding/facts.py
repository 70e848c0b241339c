"""What an alert speaks of, as known on one morning: kept with each decision, to be explained later."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from nte.words import Detector, Verdict

EVERYWHERE = "everywhere"
"""In the place of a town centre: many of them at once, or all of them."""

COMMON = 1.0
"""Probability that stands where that of a count is not known: nothing is as common."""
DOUBTFUL_UNDER = 0.45
"""A chance that is said to be even, 5 in 10, is no doubt yet."""


class Facts(BaseModel):
    """Facts do not change, and unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceFacts(Facts):
    """One source's view of one night."""

    source: str
    verdict: Verdict
    n_incidents: int | None = None
    why_unknown: str | None = None
    expected: float | None = None
    expected_so_far: float | None = None
    alert_limit: int | None = None
    limit_so_far: int | None = None
    known_share: float | None = None
    p_value: float | None = None
    stands_chance: float | None = None
    """Probability that the final count exceeds alert_limit; None by the rule before."""
    is_noted: bool | None = None
    """As rare as an alert, and too few for one; None for any other."""
    settled_on: date | None = None
    """Day by which so much is usually known that the count hardly changes; None once it is."""

    @property
    def rarity(self) -> float:
        """Return the probability of so many or more; COMMON where it is not known or may not be."""
        return COMMON if self.p_value is None else self.p_value

    @property
    def may_still_fall(self) -> bool:
        """Say whether it is above by its chance alone: its count has not passed its limit."""
        if not self.verdict.is_exceedance or self.stands_chance is None:
            return False
        return self.alert_limit is not None and (self.n_incidents or 0) <= self.alert_limit


class NightFacts(Facts):
    """One centre's night as its sources see it, side by side."""

    evening: date
    centre_code: str
    sources: tuple[SourceFacts, ...]

    @property
    def level(self) -> Verdict:
        """Return the highest verdict of any source; unknown where no source is known."""
        return max((s.verdict for s in self.sources), key=lambda v: v.rank, default=Verdict.UNKNOWN)

    @property
    def above(self) -> list[SourceFacts]:
        """Return the sources that are above, the rarest first; last those whose rarity is not known."""
        return sorted((s for s in self.sources if s.verdict.is_exceedance), key=lambda s: s.rarity)

    @property
    def gravity(self) -> tuple[int, float, str]:
        """Order nights by level, then by the rarest count that is above, the gravest first."""
        return (-self.level.rank, min((s.rarity for s in self.above), default=COMMON), self.centre_code)


class AlertFacts(Facts):
    """Everything that a decision about one alert was made from."""

    detector: Detector
    definition: str
    centre_code: str
    first_evening: date
    last_evening: date
    level: Verdict
    nights: tuple[NightFacts, ...]
    """One for a night; each of the window for a window; one a centre that is above for many centres."""
    is_settled: bool
    is_complete: bool
    score: float | None = None
    score_limit: float | None = None
    stands_chance: float | None = None
    """Probability that the alert will stand once all counts are in; None where nothing is known of it."""
    grouped_in: str | None = None
    """The alert that says this one too."""
    n_elsewhere: int | None = None
    """Of many town centres, as one district is told of them: how many more are above in other districts."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy that works out anew what it is asked for: nights may be among what has changed."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("alarming", "views"):
            copied.__dict__.pop(name, None)
        return copied

    @property
    def alert_id(self) -> str:
        """Return the alert's identity: place, night or window, definition."""
        span = f"{self.first_evening}"
        if self.last_evening != self.first_evening:
            span += f"..{self.last_evening}"
        return f"{self.centre_code}/{span}/{self.definition}"

    @cached_property
    def alarming(self) -> dict[tuple[str, str, str], SourceFacts]:
        """Return each view that is above, by centre, evening and source."""
        return {key: view for key, view in self.views.items() if view.verdict.is_exceedance}

    @cached_property
    def views(self) -> dict[tuple[str, str, str], SourceFacts]:
        """Return every view, by centre, evening and source."""
        return {(n.centre_code, str(n.evening), s.source): s for n in self.nights for s in n.sources}

    @property
    def confirmed_by(self) -> date | None:
        """Return the day by which the counts behind it are settled; None once they are."""
        return max((v.settled_on for v in self.alarming.values() if v.settled_on), default=None)

    @property
    def is_doubtful(self) -> bool:
        """Say whether the alert will more likely fall than stand."""
        return self.stands_chance is not None and self.stands_chance < DOUBTFUL_UNDER

    @property
    def rarest(self) -> float:
        """Return the smallest probability of any of its counts on a normal night; COMMON without one."""
        return min((s.rarity for s in self.alarming.values()), default=COMMON)
