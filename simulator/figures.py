"""The parts of an area's `simulation.toml`: what each holds, and within which bounds."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ROUNDING = 1e-6
LONGEST_PLACED_MINUTES = 12 * 60
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0, le=20)]
Shares = Annotated[dict[str, Share], Field(min_length=1)]
Months = Annotated[tuple[float, ...], Field(min_length=12, max_length=12)]
Week = Annotated[tuple[float, ...], Field(min_length=7, max_length=7)]
Counted = Literal["always", "with_knife", "never"]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def check_sum(what: str, total: float, wanted: float) -> None:
    """Raise ValueError unless parts add up as they should."""
    if abs(total - wanted) > ROUNDING:
        raise ValueError(f"{what} add up to {total:g}, not {wanted:g}")


class Figures(BaseModel):
    """A part of the file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Published(Figures):
    """What the simulation is calibrated to."""

    friday_saturday_share: Share
    alert_measure_ratio: float = Field(gt=0)
    serious_offences: dict[int, Months] = Field(min_length=1)


class Places(Figures):
    """Where violence happens."""

    in_town_centres_share: Share
    nearest_elsewhere_m: float = Field(gt=0)
    farthest_elsewhere_m: float = Field(gt=0)
    town_centre_shares: Shares
    district_shares: Shares

    @model_validator(mode="after")
    def _check_sums(self) -> Self:
        check_sum("town_centre_shares", sum(self.town_centre_shares.values()), 1)
        check_sum("district_shares", sum(self.district_shares.values()), 1)
        return self


class Times(Figures):
    """How a week, and a night, divide what happens."""

    town_centre_nights: Week
    town_centre_daytimes: Share
    elsewhere_nights: Week
    elsewhere_daytimes: Share
    hours_of_night: tuple[float, ...] = Field(min_length=12, max_length=12)

    @model_validator(mode="after")
    def _check_sums(self) -> Self:
        check_sum("town centre week", sum(self.town_centre_nights) + self.town_centre_daytimes, 1)
        check_sum("elsewhere week", sum(self.elsewhere_nights) + self.elsewhere_daytimes, 1)
        return self


class Events(Figures):
    """What special nights do to the expected count."""

    holidays_country: str
    holidays_subdivision: str
    elsewhere_strength: Share
    factors: dict[str, Factor]
    local_factors: dict[str, Factor]


class Spread(Figures):
    """Squared coefficients of variation of the factors that move counts beyond chance."""

    area_night: float = Field(gt=0)
    town_centre_night: float = Field(gt=0)
    police: float = Field(gt=0)
    emas: float = Field(gt=0)
    ae: float = Field(gt=0)


class DefaultSurge(Figures):
    """The surge that is planted when none is asked for."""

    centre_code: str
    weekday: Weekday
    factor: float = Field(gt=1)
    sources: tuple[str, ...]


class Offence(Figures):
    """A Home Office class: offences for each one of serious violence, and what counts them."""

    ho_code: str
    title: str
    without_knife: float = Field(ge=0)
    with_knife: float = Field(ge=0)
    board: Counted
    alert: Counted

    def counted(self, rule: Counted) -> float:
        """Return how many of them, for each serious offence, a rule counts."""
        either = self.without_knife + self.with_knife
        return {"always": either, "with_knife": self.with_knife, "never": 0.0}[rule]


class Reclassification(Figures):
    """The share of a final code that was recorded under another one first."""

    first_code: str
    final_code: str
    share: Share


class Police(Figures):
    """How the police record."""

    crimes_per_occurrence: tuple[Share, Share, Share]
    mixed_crimes_share: Share
    domestic_share: Share
    domestic_unknown_share: Share
    cancelled_share: Share
    cancelled_after_days: tuple[int, int]
    reclassified_after_days: tuple[int, int]
    window_minutes: Shares
    mornings: tuple[Share, ...]
    flag_alcohol: Shares
    victim_age_band: Shares
    knife_victim_age_band: Shares | None = None
    """Where a knife is involved; None: as everywhere."""
    street_types: Shares
    elsewhere_types: Shares
    offences: tuple[Offence, ...]
    reclassifications: tuple[Reclassification, ...]

    @property
    def time_uncertain_share(self) -> float:
        """Return the share of offences whose window is too long to place them in a night."""
        return sum(s for minutes, s in self.window_minutes.items() if int(minutes) > LONGEST_PLACED_MINUTES)

    @property
    def crimes_an_occurrence(self) -> float:
        """Return the mean number of crimes of an occurrence."""
        weighted = sum(n * share for n, share in enumerate(self.crimes_per_occurrence, start=1))
        return weighted / sum(self.crimes_per_occurrence)


class Emas(Figures):
    """How the ambulance service records."""

    per_police_incident: float = Field(ge=0)
    per_police_incident_elsewhere: float = Field(ge=0)
    pathways_from: date
    level_after_pathways: Factor
    penetrating_share: Share
    duplicate_share: Share
    cancelled_share: Share
    sexual_assault_share: Share
    see_and_treat_share: Share
    not_attended_share: Share
    other_class_share: Share
    mornings: tuple[Share, ...]
    flag_alcohol: Shares
    location_types: Shares


class Ae(Figures):
    """How the A&E receptions record."""

    per_police_incident: float = Field(ge=0)
    per_police_incident_elsewhere: float = Field(ge=0)
    no_place_share: Share
    no_place_texts: tuple[str, ...] = Field(min_length=1)
    outside_share: Share
    lower_case_share: Share
    capitals_share: Share
    misspelt_share: Share
    town_suffix_share: Share
    assault_time_precision: Shares
    assault_method: Shares
    arrival_mode: Shares
    police_informed: Shares
    age_band: Shares
    mornings: tuple[Share, ...]
