"""What a partnership does somewhere so that fewer are hurt: declared in the area folder, to be evaluated."""

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from nte.contacts import Contact

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FEWEST_LETTERS: Final = 3


def named_nights(said: str | Sequence[int] | None) -> tuple[int, ...]:
    """Return the ISO weekdays (Monday 1) of 'fri, sat'. Raises ValueError for a word that is none, and for nothing."""
    if said is None:
        raise ValueError("there are no nights. Write them like 'fri, sat'")
    if not isinstance(said, str):
        return tuple(said)
    found = []
    for word in re.split(r"[\s,;]+", said.strip().lower()):
        days = [n for n, day in enumerate(DAYS, start=1) if day.lower().startswith(word)]
        if len(word) < FEWEST_LETTERS or not days:
            raise ValueError(f"{word!r} is no night of the week. Write the nights like 'fri, sat'")
        found += days
    return tuple(sorted(set(found)))


def named_hours(said: str | Sequence[time] | None) -> tuple[time, time]:
    """Return the two local times of '21:00-03:00'. Raises ValueError for anything else, and for nothing."""
    if said is None:
        raise ValueError("there are no hours. Write them like 21:00-03:00")
    if not isinstance(said, str):
        begins, ends = said
        return begins, ends
    try:
        begins, ends = (time.fromisoformat(part.strip()) for part in said.split("-"))
    except ValueError as problem:
        raise ValueError(f"{said!r} are no hours. Write them like 21:00-03:00") from problem
    return begins, ends


Nights = Annotated[tuple[int, ...], BeforeValidator(named_nights), Field(min_length=1)]
Hours = Annotated[tuple[time, time], BeforeValidator(named_hours)]


class Intervention(BaseModel):
    """Something that began at a place on a day, and what it was to do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    intervention_id: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)
    place_code: str
    starts_on: date
    """First evening on which it is there."""
    ends_on: date | None = None
    """Last evening; None while it goes on."""
    nights: Nights
    """ISO weekdays of its evenings."""
    hours: Hours
    """Local hours in which it is there. Counts are of whole nights: they are said, not counted by."""
    hypothesis: str = Field(min_length=1, max_length=400)
    outcome_definition: str
    declared_on: date
    """When this line was written: after the start, whoever wrote it may have known what came."""
    owner: Contact
    """A team or a role, never a person's name."""

    @property
    def is_post_hoc(self) -> bool:
        """Say whether it was declared after it had begun."""
        return self.declared_on > self.starts_on

    @property
    def night_names(self) -> list[str]:
        """Return 'Friday', 'Saturday'."""
        return [DAYS[day - 1] for day in self.nights]

    @property
    def said_hours(self) -> str:
        """Return '21:00-03:00'."""
        return "-".join(f"{at:%H:%M}" for at in self.hours)

    def is_on(self, evening: date) -> bool:
        """Say whether it is there on an evening."""
        has_ended = self.ends_on is not None and evening > self.ends_on
        return self.starts_on <= evening and not has_ended and evening.isoweekday() in self.nights

    def is_beside(self, other: "Intervention", until: date) -> bool:
        """Say whether both were there on some day at one place; `until`: the last day of those that go on."""
        first, last = max(self.starts_on, other.starts_on), min(self.ends_on or until, other.ends_on or until)
        return self.place_code == other.place_code and first <= last

    def ended_before(self, other: "Intervention") -> bool:
        """Say whether it was over at the same place when another began."""
        has_ended = self.ends_on is not None and self.ends_on < other.starts_on
        return self.place_code == other.place_code and has_ended

    @model_validator(mode="after")
    def _check_span(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(
                f"{self.intervention_id} ends on {self.ends_on}, before it starts on {self.starts_on}"
            )
        return self


def in_night(at: time, opens: time) -> timedelta:
    """Return how long after the opening of a night a local time is, on a night without a change of the clocks."""
    minutes = (at.hour - opens.hour) * 60 + at.minute - opens.minute
    return timedelta(minutes=minutes % (24 * 60))


def are_in_night(hours: tuple[time, time], opens: time, closes: time) -> bool:
    """Say whether hours lie within a night, and in their order."""
    begins, ends = (in_night(at, opens) for at in hours)
    return begins < ends <= in_night(closes, opens)
