"""What a simulation is asked for: how long, until when, and what goes wrong or happens on purpose."""

from dataclasses import dataclass, field
from datetime import date, timedelta

SOURCES = ("police", "emas", "ae")
DAYS_A_WEEK = 7
MOST_WEEKS = 60 * 52
N_SURGE_PARTS = 3
EARLIEST_END = date(2001, 1, 1)
"""A delivery's times before 2000 are refused as impossible, so a simulation does not reach there."""


@dataclass(frozen=True)
class Surge:
    """A night on which one town centre sees `factor` times the violence that it should, in these sources."""

    centre_code: str
    evening: date
    factor: float
    sources: tuple[str, ...] = ("police", "ae")

    def __post_init__(self) -> None:
        if not 1 < self.factor <= 50:  # noqa: PLR2004  beyond that it is no night but a disaster
            raise ValueError(f"surge factor {self.factor:g}: give one above 1 and at most 50, like 3.")
        if unknown := [source for source in self.sources if source not in SOURCES]:
            raise ValueError(f"surge source {unknown[0]!r}: choose from {', '.join(SOURCES)}.")


@dataclass(frozen=True)
class Change:
    """From an evening on, one town centre sees only `factor` times the violence of its nights, in every source."""

    centre_code: str
    first_evening: date
    factor: float

    def __post_init__(self) -> None:
        if not 0 < self.factor < 1:
            raise ValueError(f"change factor {self.factor:g}: give one above 0 and under 1, like 0.7.")


@dataclass(frozen=True)
class Gap:
    """Mornings on which a source delivers nothing; what it held back comes with its next delivery."""

    source: str
    first_morning: date
    n_mornings: int = 1

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ValueError(f"gap source {self.source!r}: choose from {', '.join(SOURCES)}.")
        if self.n_mornings < 1:
            raise ValueError(f"a gap of {self.n_mornings} mornings: give at least 1.")

    @property
    def mornings(self) -> list[date]:
        """Return the mornings without a delivery."""
        return [self.first_morning + timedelta(days=n) for n in range(self.n_mornings)]


@dataclass(frozen=True)
class SimulationPlan:
    """One simulation: `n_history_weeks` in one delivery a source, then a delivery a morning until `ends_on`.

    `surges` None means the area's default surge, `gaps` None the default gaps; an empty tuple means none.
    """

    seed: int
    n_live_weeks: int
    n_history_weeks: int
    ends_on: date
    surges: tuple[Surge, ...] | None = None
    gaps: tuple[Gap, ...] | None = None
    changes: tuple[Change, ...] = ()
    has_bad_rows: bool = field(default=False)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed {self.seed}: give 0 or more.")
        for name, n_weeks in (("live", self.n_live_weeks), ("history", self.n_history_weeks)):
            if not 0 <= n_weeks <= MOST_WEEKS:
                raise ValueError(f"{n_weeks} {name} weeks: give a number from 0 to {MOST_WEEKS}.")
        if self.n_live_weeks + self.n_history_weeks == 0:
            raise ValueError("no weeks to simulate: ask for at least one of history or of daily deliveries.")
        if self.begins_on < EARLIEST_END:
            raise ValueError(f"begins on {self.begins_on}: ask for fewer weeks or a later end.")

    @property
    def history_morning(self) -> date:
        """The morning until which the history load accounts, and the day before the first daily delivery."""
        return self.ends_on - timedelta(days=DAYS_A_WEEK * self.n_live_weeks)

    @property
    def begins_on(self) -> date:
        """The first day of the simulation; it begins at 06:00."""
        return self.history_morning - timedelta(days=DAYS_A_WEEK * self.n_history_weeks)

    @property
    def days(self) -> list[date]:
        """The days simulated, each from 06:00 to 06:00; the last ends on the last morning."""
        return [self.begins_on + timedelta(days=n) for n in range((self.ends_on - self.begins_on).days)]


def parse_surge(text: str) -> Surge:
    """Return the surge that `CENTRE:EVENING:FACTOR` names, like `derby:2026-04-04:3`. Raises ValueError."""
    return Surge(*_planted(text, "surge", "derby:2026-04-04:3"))


def parse_change(text: str) -> Change:
    """Return the change that `CENTRE:EVENING:FACTOR` names, like `derby:2025-10-03:0.7`. Raises ValueError."""
    return Change(*_planted(text, "change", "derby:2025-10-03:0.7"))


def _planted(text: str, what: str, like: str) -> tuple[str, date, float]:
    parts = text.split(":")
    try:
        if len(parts) != N_SURGE_PARTS:
            raise ValueError("three parts are needed")
        return parts[0].strip(), date.fromisoformat(parts[1].strip()), float(parts[2])
    except ValueError as problem:
        raise ValueError(
            f"{what} {text!r} cannot be read: write CENTRE:EVENING:FACTOR, like {like}."
        ) from problem


def planned_gaps(plan: SimulationPlan) -> tuple[Gap, ...]:
    """Return the plan's gaps. The default: EMAS misses a morning, and A&E two and delivers on the third.

    They lie before the last weekend, so that the default surge is seen; what does not fit into the live
    weeks is left out.
    """
    if plan.gaps is None:
        defaults = (
            Gap("emas", plan.ends_on - timedelta(days=9)),
            Gap("ae", plan.ends_on - timedelta(days=18), n_mornings=2),
        )
        return tuple(gap for gap in defaults if gap.first_morning > plan.history_morning)
    for gap in plan.gaps:
        if not plan.history_morning < gap.first_morning <= gap.mornings[-1] < plan.ends_on:
            raise ValueError(
                f"gap of {gap.source} on {gap.first_morning}: it must lie between the first daily delivery "
                f"({plan.history_morning + timedelta(days=1)}) and the day before the last ({plan.ends_on})."
            )
    return plan.gaps


def check_planted(plan: SimulationPlan, surges: tuple[Surge, ...], centre_codes: list[str]) -> None:
    """Raise ValueError unless every surge and change names a known town centre and a simulated night."""
    planted = [("surge", surge.centre_code, surge.evening) for surge in surges]
    planted += [("change", change.centre_code, change.first_evening) for change in plan.changes]
    for what, centre_code, evening in planted:
        if centre_code not in centre_codes:
            raise ValueError(
                f"{what} in {centre_code!r}: no such town centre. "
                f"Choose from {', '.join(sorted(centre_codes))}."
            )
        if not plan.begins_on <= evening < plan.ends_on:
            raise ValueError(
                f"{what} on {evening}: not simulated. Choose an evening from {plan.begins_on} "
                f"to {plan.ends_on - timedelta(days=1)}."
            )
