"""The area file as types: everything that another area would say differently."""

import re
from datetime import date, time
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from nte.contacts import NOBODY_NAMED, Contact, name_contact
from nte.detectors import WINDOWS, WITH_A_BUDGET
from nte.interventions import Intervention, are_in_night
from nte.nights import NightClock
from nte.tables.counts import OUTSIDE
from nte.words import Audience, Detector, WhyUnknown

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Share = Annotated[float, Field(ge=0, le=1)]
MOST_FALSE_ALARMS = 30.0
LeastCount = Annotated[int, Field(strict=True, ge=1, le=50)]
LeastSum = Annotated[int, Field(strict=True, ge=1, le=500)]
"""A larger one is a typing error: nothing would ever be an alert."""
PersonalCell = Literal["nhs_number", "uk_postcode", "uk_phone", "email", "date_of_birth"]
AgeGroup = Literal["under_18", "18_24", "25_and_over"]
LocationGroup = Literal["licensed_premises", "takeaway", "public_place", "transport", "other"]
MethodGroup = Literal["sharp_object", "glass_or_bottle", "blunt_object", "bodily_force", "other"]
FileForm = Literal["csv", "xlsx", "ods", "zip"]
ShortCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,20}$")]

IN_OUR_WAY = re.compile(r"row_number|column_\d+|_.*|.*__(?:is_a_time|places)|\^.*\$")
"""Names that a local column may not have: those of columns that this service derives, and what reads as a pattern."""
PLAIN_CODE = re.compile(r"(?!0\d)[^a-z\s]+")
"""An offence code as it is compared where a source's codes are plain."""
CONNECTION = r"[A-Za-z][A-Za-z0-9_]*"
FOLDER_ADDRESS = re.compile(
    rf"file:///[^?#]+|sftp://{CONNECTION}/[^?#]+|s3://{CONNECTION}@[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9](?:/[^?#]*)?"
)
"""By an Airflow connection where it is no folder of this machine; of S3 as Airflow's ObjectStoragePath writes it."""


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone; write one like 'Europe/London'")
    return name


def _channel(name: str) -> str:
    if not re.fullmatch(r"#?[a-z0-9_-]{1,80}|[CG][A-Z0-9]{8,}", name):
        raise ValueError(f"{name!r} is not a Slack channel; write one like '#nte-derby'")
    return name


def _pattern(text: str) -> str:
    try:
        groups = set(re.compile(text).groupindex)
    except re.error as problem:
        raise ValueError(f"{text!r} is not a regular expression: {problem}") from problem
    if groups not in ({"date"}, {"from", "to"}):
        raise ValueError(f"{text!r} must name the group (?P<date>…), or the groups (?P<from>…) and (?P<to>…)")
    return text


def _share(address: str) -> str:
    if not FOLDER_ADDRESS.fullmatch(address):
        raise ValueError(
            f"{address!r} is no folder to fetch from; write one like 'file:///mnt/force/outgoing', or by an Airflow "
            "connection, here called force, 'sftp://force/outgoing' or 's3://force@bucket/outgoing'"
        )
    return address


def _column(name: str) -> str:
    if not name.strip() or name == "*" or IN_OUR_WAY.fullmatch(name):
        raise ValueError(f"{name!r} cannot be told from a name of this service; ask the provider for another")
    return name


TimeZoneName = Annotated[str, AfterValidator(_known_zone)]
Channel = Annotated[str, AfterValidator(_channel)]
FilePattern = Annotated[str, AfterValidator(_pattern)]
ActionCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
ActionTitle = Annotated[str, Field(min_length=1, max_length=75)]
ColumnName = Annotated[str, AfterValidator(_column)]
FolderAddress = Annotated[str, AfterValidator(_share)]


class AreaPart(BaseModel):
    """A part of an area file: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Hours(AreaPart):
    """When a night begins and ends, and which nights are judged."""

    opens: time
    closes: time
    monitored: tuple[Weekday, ...] = Field(min_length=1)


class PlaceText(AreaPart):
    """How free text is compared with the gazetteer."""

    noise_words: tuple[str, ...] = ()
    """Words that say where at a place, not which place."""
    elsewhere: tuple[str, ...] = ()
    """Texts that state a place in no town centre, such as a home."""
    not_known: tuple[str, ...] = ()
    """Texts that say that the place is not known."""
    least_confidence: Share = 0.85
    """1 - edits / letters of the name; below it a text names no place of the gazetteer."""
    least_margin: Share = 0.05
    """How much less sure the best name of another centre must be."""


class Places(AreaPart):
    """The coordinates in which points are compared, and the box outside of which none can be right."""

    crs: str
    bounds: tuple[float, float, float, float]
    """Least x, least y, greatest x, greatest y, in `crs`."""
    text: PlaceText = PlaceText()
    renamed: dict[str, str] = {}
    """Codes that town centres had before, and what each is called now; `outside_any_centre`: it is none any more."""

    @model_validator(mode="after")
    def _check_box(self) -> Self:
        west, south, east, north = self.bounds
        if west >= east or south >= north:
            raise ValueError("bounds must be [least x, least y, greatest x, greatest y]")
        return self


class Budget(AreaPart):
    """How many false alarms the area accepts, all detectors together, and how they share it."""

    false_alarms_per_30_days: float = Field(gt=0, le=MOST_FALSE_ALARMS)
    shares: dict[Detector, Share]
    """Part of each detector that shares it; all of them are named, and add up to 1."""

    @model_validator(mode="after")
    def _check_shares(self) -> Self:
        if set(self.shares) != set(WITH_A_BUDGET):
            raise ValueError(f"shares must name {', '.join(WITH_A_BUDGET)}, each once")
        if not self.shares[Detector.NIGHT]:
            raise ValueError("the share of night must be over 0")
        total = sum(self.shares.values())
        if abs(total - 1) > 1e-9:  # noqa: PLR2004  the width of a rounding error
            raise ValueError(f"shares add up to {total:g}, not 1")
        return self


class Alerts(AreaPart):
    """When a count is an alert: it must be likely to stand, and large enough that somebody can act on it."""

    gamma: Share = 0.75
    """Chance to stand from which a first alert about a night goes out."""
    gamma_of_windows: Share = 0.85
    """The same of a weekend or four weekends."""
    delta: Share = 0.1
    """Chance to stand at which one is withdrawn though none of its records has gone."""
    filling_high_from: Share = 0.3
    """A night with this chance, and less than `gamma`, is said to be filling high; it is no alert."""
    least_count: dict[str, LeastCount] = {}
    """By source: a night that ends with fewer is no alert, however rare; it is noted in the digest."""
    least_sum: dict[Detector, LeastSum] = {}
    """By window: the same of all its counts together."""

    def fills_high(self, chance: float | None) -> bool:
        """Say whether a count with this chance to end above its limit is no alert and may well become one."""
        return chance is not None and self.filling_high_from <= chance < self.gamma

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not 0 <= self.delta < self.gamma < 1:
            raise ValueError("delta must be under gamma, and gamma under 1")
        if not self.gamma <= self.gamma_of_windows < 1:
            raise ValueError("gamma_of_windows must be at least gamma, and under 1")
        if not 0 < self.filling_high_from <= self.gamma:
            raise ValueError("filling_high_from must be over 0 and at most gamma")
        if unknown := sorted(set(self.least_sum) - {w.detector for w in WINDOWS}):
            raise ValueError(
                f"least_sum knows {', '.join(w.detector for w in WINDOWS)}, not {', '.join(unknown)}"
            )
        return self


class QuietHours(AreaPart):
    """Hours in which a channel is not posted to; messages wait for their end."""

    starts: time
    ends: time


class Slack(AreaPart):
    """Who hears what, and how much at most."""

    connection: str
    ops_channel: Channel
    police_channel: Channel
    district_channels: dict[str, Channel]
    quiet_hours: dict[str, QuietHours] = {}
    most_alerts_a_day: int = Field(gt=0, description="heads per day and channel before an overflow line")
    most_centres_a_night: int = Field(default=5, gt=1, description="so many centres at once make one message")
    most_days_late: int = Field(
        default=10, gt=0, description="a first alert about an older night is not posted"
    )
    settled_share: Share = 0.9
    """From this share known on, a night that is no longer above is withdrawn without a correction."""
    complete_share: Share = 0.97
    """From this share known on, in every source, a night is complete."""
    has_buttons: bool = True
    """Messages carry the buttons that `nte listen` answers."""
    actions: dict[ActionCode, ActionTitle] = Field(
        default={
            "patrol": "Patrol",
            "licensing_visit": "Licensing visit",
            "premises_contacted": "Premises contacted",
            "other": "Something else",
            "none_needed": "No action needed",
        },
        min_length=1,
        max_length=10,
    )
    """What a lead may say is done about an alert: a code, and how people read it; Slack shows ten at most."""
    has_heartbeat: bool = True
    """One line a day tells ops that the service is alive, so that its silence is noticed."""
    heartbeat_from: time = time(8)
    """Local time from which that line may go; the next run says it."""
    outlook_from: time = time(16)
    """Local time, on the day before the first monitored night, from which the outlook may go."""
    digest_from: time = time(7)
    """Local time, on the day after the last monitored night, from which the digest may go."""


class Contacts(AreaPart):
    """Whom to ask, beside the contact of each source."""

    ops: Contact | None = None
    """Who keeps this service."""
    districts: dict[str, Contact] = {}
    """Who leads on licensing, by district."""


class ReaderRule(AreaPart):
    """What of the pages a user or a role of Airflow sees."""

    audience: Literal[Audience.ANALYST, Audience.POLICE, Audience.LICENSING]
    districts: tuple[str, ...] = ()
    """Whose town centres; for a licensing lead at least one, for others none: they see all."""

    @model_validator(mode="after")
    def _check_districts(self) -> Self:
        if (self.audience is Audience.LICENSING) != bool(self.districts):
            raise ValueError(
                "a reader with audience 'licensing' needs its districts, such as districts = [\"Derby\"]; "
                "any other sees all and names none"
            )
        return self


class Disclosure(AreaPart):
    """Counts that are said in words, by channel."""

    health_sources: tuple[str, ...]
    health_least_shown: int = Field(ge=0)
    licensing_least_shown: int = Field(ge=0)


class Retention(AreaPart):
    """How long what is kept."""

    keep_originals_days: int = Field(gt=0)
    keep_records_days: int = Field(gt=0)


class Columns(AreaPart):
    """Which local column plays which role. A role left out is one that the source does not have."""

    record_id: ColumnName
    incident_id: ColumnName | None = None
    record_version: ColumnName | None = None
    state: ColumnName | None = None
    offence_code: ColumnName | None = None
    event_from: ColumnName
    event_time: ColumnName | None = None
    """Time of day of `event_from`, where date and time stand in two columns: read as `date time`."""
    event_to: ColumnName | None = None
    fallback_at: ColumnName | None = None
    time_precision: ColumnName | None = None
    """How exactly `event_from` is known."""
    x: ColumnName | None = None
    y: ColumnName | None = None
    place_text: ColumnName | None = None
    centre: ColumnName | None = None
    site_code: ColumnName | None = None
    district: ColumnName | None = None
    is_domestic: ColumnName | None = None
    has_knife: ColumnName | None = None
    has_alcohol: ColumnName | None = None
    age_group: ColumnName | None = None
    location_group: ColumnName | None = None
    method_group: ColumnName | None = None
    is_police_informed: ColumnName | None = None
    hospital_code: ColumnName | None = None
    """Hospital to which somebody was taken."""
    triage_system: ColumnName | None = None

    def by_role(self) -> dict[str, str]:
        """Return the local column of each role that the source has."""
        return {role: name for role, name in self.model_dump().items() if name is not None}


class Codes(AreaPart):
    """Which local value is which of our words. Any other is unknown: a cell that is no code is never kept."""

    age_group: dict[str, AgeGroup] = {}
    location_group: dict[str, LocationGroup] = {}
    method_group: dict[str, MethodGroup] = {}
    hospital_code: dict[str, ShortCode] = {}
    triage_system: dict[str, ShortCode] = {}


class OrderRule(AreaPart):
    """A time that may not be before another."""

    earlier: str
    later: str


class Source(AreaPart):
    """One provider: its files, columns, codes, times, places and delays."""

    source: str = ""
    title: str
    short_title: str
    contact: Contact | None = None
    """Whom to ask about its deliveries: named wherever a text says to ask the provider."""
    kind: Literal["police", "ambulance", "hospital", "other"]
    daily_pattern: FilePattern
    history_pattern: FilePattern
    date_format: str = "%Y-%m-%d"
    """Of the dates in file names."""
    history_date_format: str | None = None
    """Of those in the names of history loads, where they are written otherwise; `%Y` speaks of whole years."""
    time_formats: tuple[str, ...] = Field(min_length=1)
    time_zone: TimeZoneName | None = None
    due_by: time
    pickup: FolderAddress | None = None
    """Folder, of a share, by SFTP or in S3, from which its deliveries are fetched; None where they are brought here."""
    file_forms: tuple[FileForm, ...] = Field(default=("csv",), min_length=1)
    """What its files are, whatever their names end with; `zip`: an archive of one file in another of these forms."""
    sheet: str | None = None
    """Sheet of its workbooks, where more than one has the agreed header."""
    encodings: tuple[str, ...] = ("utf-8-sig", "cp1252")
    columns: Columns
    joined: dict[ColumnName, tuple[ColumnName, ColumnName]] = {}
    """Columns that are made of two, with a space between: a date and its time of day."""
    parted: dict[ColumnName, tuple[ColumnName, ColumnName]] = {}
    """Columns that hold two numbers, such as coordinates, and what each of the two is called here."""
    translated: dict[ColumnName, dict[str, str]] = {}
    """By column, what of its values is written otherwise here, such as `Knife injury` for `knife`."""
    plain_codes: bool = False
    """Offence codes are compared in capitals, without blanks, leading noughts and a title behind: `008n - GBH` is `8N`.

    What is `translated` of them is written so as well.
    """
    days_as_numbers: bool = False
    """A number in a column of times is the day that spreadsheets count so; in workbooks it always is."""
    other_time_columns: tuple[ColumnName, ...] = ()
    """Times that no rule of counting uses, but that must still be possible."""
    optional_columns: tuple[ColumnName, ...] = ()
    unused_columns: tuple[ColumnName, ...] = ()
    """Part of the contract, read past and never stored."""
    live_states: tuple[str, ...] = ()
    withdrawn_states: tuple[str, ...] = ()
    known_codes: tuple[str, ...] = ()
    """Codes that exist but that no definition counts; any other code is warned of."""
    other_codes: dict[ColumnName, tuple[str, ...]] = {}
    """Known values of further coded columns, by local column; any other is warned of."""
    codes: Codes = Codes()
    """Our words for the local values of the columns that are kept to describe, not to count."""
    yes: tuple[str, ...] = ("Y",)
    no: tuple[str, ...] = ("N",)
    certain_precisions: tuple[str, ...] = ()
    """Values of the precision column with which the time that is written says the night."""
    daypart_precisions: tuple[str, ...] = ()
    """Those with which it says a part of the day."""
    vague_precisions: tuple[str, ...] = ()
    """Those with which it does not say the night; nor does it with a value that is not known."""
    daypart_starts: tuple[time, ...] = ()
    """When the parts of the day begin. One that lies in the night, or by day, as a whole says the night."""
    longest_window_hours: float = Field(default=12, gt=0)
    order: tuple[OrderRule, ...] = ()
    crs: str | None = None
    usual_unplaced_share: Share = 0.3
    """A delivery with a greater share of rows without a usable point is warned of."""
    sites: tuple[str, ...] = ()
    site_titles: dict[str, str] = {}
    """How people call a site, by its code."""
    completeness_prior: dict[int, Share]
    """Share of the final count known so many mornings after the evening, before evidence."""
    prior_weight_nights: float = Field(default=10, gt=0)
    """How many average nights of evidence the prior is worth."""
    recording_changes: tuple[date, ...] = ()
    centre_names: dict[str, str] = {}
    """Town centre of each value of the centre column, where the source states one."""

    @model_validator(mode="after")
    def _check_codes(self) -> Self:
        for role, words in self.codes.model_dump().items():
            column = getattr(self.columns, role)
            if column and not words:
                raise ValueError(f"codes.{role} must say which words of {column!r} are which of ours")
            if words and not column:
                raise ValueError(f"codes.{role} has words, but columns.{role} names no column")
        return self

    @model_validator(mode="after")
    def _check_made(self) -> Self:
        raw = {name for pair in self.joined.values() for name in pair} | set(self.parted)
        if both := sorted(set(self.made_columns) & raw):
            raise ValueError(f"joined and parted: {both[0]!r} is made of columns, and another is made of it")
        used = {*self.columns.by_role().values(), *self.other_time_columns}
        if lost := sorted(set(self.made_columns) - used):
            raise ValueError(f"joined and parted: {lost[0]!r} is made, and nothing uses it")
        return self

    @property
    def made_columns(self) -> list[str]:
        """Return the columns that are made of those of the file."""
        return [*self.joined, *(name for pair in self.parted.values() for name in pair)]

    def file_columns(self, column: str) -> tuple[str, ...]:
        """Return the columns of the file that a column is, or is made of."""
        parted = tuple(whole for whole, pair in self.parted.items() if column in pair)
        return self.joined.get(column) or parted or (column,)

    def site_title(self, site_code: str) -> str:
        """Return how people call a site; one that has no name keeps its code."""
        return self.site_titles.get(site_code, site_code)

    @property
    def required_columns(self) -> list[str]:
        """Return the columns that a delivery must have, in the contract's order."""
        used = [*self.columns.by_role().values(), *self.other_time_columns]
        names = [*(n for column in used for n in self.file_columns(column)), *self.unused_columns]
        return [n for n in dict.fromkeys([*names, *self.other_codes]) if n not in self.optional_columns]

    @property
    def key_columns(self) -> list[str]:
        """Return the columns that name a record or its incident."""
        return [n for n in (self.columns.record_id, self.columns.incident_id) if n]

    @property
    def placing_columns(self) -> list[str]:
        """Return the columns of times that place a record."""
        used = [self.columns.event_from, self.columns.event_to, self.columns.fallback_at]
        return [name for name in used if name]

    @property
    def time_columns(self) -> list[str]:
        """Return every column that holds a local time."""
        return list(dict.fromkeys([*self.placing_columns, *self.other_time_columns]))

    def time_form(self, column: str) -> str | None:
        """Return the format in which a column of the file holds times, or a part of them; None for any other column."""
        form = self.time_formats[0]
        day, _, hour = form.partition(" ")
        pairs = [self.joined[name] for name in self.time_columns if name in self.joined]
        if self.columns.event_time:
            pairs.append((self.columns.event_from, self.columns.event_time))
        for of_day, of_hour in pairs:
            if column in (of_day, of_hour):
                return day if column == of_day else hour
        return form if column in self.time_columns else None

    @property
    def known_precisions(self) -> tuple[str, ...]:
        """Return the values that the column of precisions may hold."""
        return self.certain_precisions + self.daypart_precisions + self.vague_precisions


class CountRule(AreaPart):
    """Which records of a source a definition counts; every condition given must hold."""

    source: str
    offence_codes: tuple[str, ...] | None = None
    states: tuple[str, ...] | None = None
    has_knife: bool | None = None


class Definition(AreaPart):
    """What counts as one incident, since when, and why."""

    definition: str
    title: str
    used_for: str
    effective_from: date
    effective_to: date | None = None
    why: str
    excludes_domestic: bool
    hours: Literal["night", "all"] = "night"
    """Which hours of the day are counted: the area's nights, or the whole day."""
    unit: Literal["incident", "offence"] = "incident"
    """What it is stated in; incidents, offences and victims are counted apart."""
    counts: tuple[CountRule, ...] = Field(min_length=1)

    @property
    def sources(self) -> list[str]:
        """Return the sources that it counts."""
        return list(dict.fromkeys(rule.source for rule in self.counts))

    @property
    def fingerprint(self) -> str:
        """Return a print of what it counts: another one, and the past would be counted otherwise."""
        counted = self.model_dump_json(include={"excludes_domestic", "hours", "unit", "counts"})
        return sha256(counted.encode()).hexdigest()[:16]


class OffenceGroup(AreaPart):
    """Offences of a source that are reported under one name. The order in the file is that of gravity."""

    offence_group: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    source: str
    offence_codes: tuple[str, ...] = Field(min_length=1)
    has_victim: bool
    """Each of its offences has a victim of its own; possession and robbery of a business have none."""


class TownCentre(AreaPart):
    """A town centre: boundary in the area's coordinates, and the sources that cover it."""

    centre_code: str
    name: str
    district: str
    latitude: float
    longitude: float
    x: float
    y: float
    radius_m: float | None
    boundary: tuple[tuple[float, float], ...]
    is_placeholder: bool
    valid_from: date
    valid_to: date | None
    covered_by: tuple[str, ...]
    sites: dict[str, tuple[str, ...]]
    """Hospital sites that serve it, by source."""


class LocalEvent(AreaPart):
    """Something known ahead that moves a night: a match, a fair, a closure."""

    evening: date
    event: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    centre_code: str | None = None
    title: str = ""


class RecordingChange(AreaPart):
    """A day from which something is recorded otherwise."""

    source: str
    offence_group: str | None = None
    """None: all of the source."""
    first_day: date
    expected_effect: str
    citation: str


class Population(AreaPart):
    """The residents of a district in a year."""

    district: str
    mid_year: int = Field(gt=1900)
    n: int = Field(gt=0)
    citation: str


class Admissions(AreaPart):
    """Admissions to hospital for assault with a sharp object in a quarter."""

    quarter: str = Field(pattern=r"^\d{4}Q[1-4]$")
    age: Literal["all", "under_25"]
    n: int = Field(ge=0)
    population: int = Field(gt=0)
    citation: str


class UnitCost(AreaPart):
    """What one offence of a group costs society."""

    offence_group: str
    gbp: float = Field(gt=0, le=1e9)
    price_year: int = Field(gt=1900)
    """Of a financial year the first."""
    citation: str


class HarmWeight(AreaPart):
    """How much harm one offence of a group is, such as by the Cambridge Crime Harm Index."""

    offence_group: str
    days: float = Field(gt=0, le=1e6)
    edition: str
    citation: str


class GazetteerEntry(AreaPart):
    """A place name and the town centre that it is in."""

    name: str
    kind: str
    centre_code: str


class Area(AreaPart):
    """One area: all that the service needs to know of it."""

    code: str
    name: str
    time_zone: TimeZoneName
    holidays_country: str
    holidays_subdivision: str | None = None
    alert_definition: str
    oldest_year: int = 2000
    forbidden_columns: tuple[str, ...] = ()
    """Names of columns that must never arrive, beside those that are known everywhere."""
    personal_cells: tuple[PersonalCell, ...] = (
        "nhs_number",
        "uk_postcode",
        "uk_phone",
        "email",
        "date_of_birth",
    )
    """What a cell is searched for; a delivery that holds it is refused and not kept."""
    hours: Hours
    places: Places
    budget: Budget
    alerts: Alerts = Alerts()
    slack: Slack
    contacts: Contacts = Contacts()
    disclosure: Disclosure
    readers: dict[str, ReaderRule] = {}
    """Who sees what of the pages, by the name or the role of a user of Airflow."""
    retention: Retention
    sources: dict[str, Source] = Field(min_length=1)
    definitions: tuple[Definition, ...]
    offence_groups: tuple[OffenceGroup, ...] = ()
    """The gravest first."""
    town_centres: tuple[TownCentre, ...] = Field(min_length=1)
    gazetteer: tuple[GazetteerEntry, ...] = ()
    local_events: tuple[LocalEvent, ...] = ()
    recording_changes: tuple[RecordingChange, ...] = ()
    """Said to readers; those that forecasts step at stand with their source."""
    populations: tuple[Population, ...] = ()
    admissions: tuple[Admissions, ...] = ()
    unit_costs: tuple[UnitCost, ...] = ()
    harm_weights: tuple[HarmWeight, ...] = ()
    interventions: tuple[Intervention, ...] = ()

    @cached_property
    def clock(self) -> NightClock:
        """The hours of this area's nights."""
        days = frozenset(WEEKDAYS.index(day) for day in self.hours.monitored)
        return NightClock(ZoneInfo(self.time_zone), self.hours.opens, self.hours.closes, days)

    def zone_of(self, source: Source) -> ZoneInfo:
        """Return the time zone in which a source writes its times."""
        return ZoneInfo(source.time_zone or self.time_zone)

    @property
    def current_centres(self) -> list[TownCentre]:
        """Return the latest boundary of each town centre, in the file's order."""
        latest = {c.centre_code: c for c in sorted(self.town_centres, key=lambda c: c.valid_from)}
        return [latest[code] for code in dict.fromkeys(c.centre_code for c in self.town_centres)]

    @property
    def districts(self) -> list[str]:
        """Return the districts of its town centres."""
        return sorted({centre.district for centre in self.town_centres})

    def centre_name(self, centre_code: str) -> str:
        """Return a town centre's name; a code that is none, such as a district's, as it stands."""
        return self._centre_names.get(centre_code, centre_code)

    @cached_property
    def _centre_names(self) -> dict[str, str]:
        return {centre.centre_code: centre.name for centre in self.current_centres}

    def source_title(self, source: str) -> str:
        """Return the short title of a source; one that the area no longer has keeps its code."""
        known = self.sources.get(source)
        return known.short_title if known else source

    def action_titles(self, codes: str) -> list[str]:
        """Return how people read the actions of an answer; a code that the area no longer has stands as it is."""
        return [self.slack.actions.get(code, code) for code in codes.split(",") if code]

    def ask(self, text: str, source: str) -> str:
        """Return a text in which 'ask the provider' names the source's contact, where the area file has one."""
        known = self.sources.get(source)
        return name_contact(text, known.contact if known else None)

    def whom_to_ask(self, source: str) -> str:
        """Return the contact of a source, else of those who keep this service, as it stands after 'ask'."""
        known = self.sources.get(source)
        return (known and known.contact) or self.contacts.ops or NOBODY_NAMED

    def ask_about(self, source: str, why: str | None) -> str:
        """Return '; ask data desk, extension 1234', to follow why a night of a source is not known.

        `why`: a word of `WhyUnknown`, or none. Empty for what will be known by itself.
        """
        is_asked = not (why and WhyUnknown(why).comes_by_itself)
        return f"; ask {self.whom_to_ask(source)}" if is_asked else ""

    def definition(self, name: str) -> Definition:
        """Return a definition by its name. Raises KeyError where the area has none of it."""
        return {one.definition: one for one in self.definitions}[name]

    @property
    def lead_source(self) -> str:
        """The source that speaks first where there is room for one: the first that the alert definition counts."""
        return self.definition(self.alert_definition).sources[0]

    @property
    def board_definition(self) -> str | None:
        """The newest definition of all hours that counts the lead source: what the Board uses now; None without one."""
        of_board = [d for d in self.definitions if d.hours == "all" and self.lead_source in d.sources]
        newest = max(of_board, key=lambda d: d.effective_from, default=None)
        return newest.definition if newest else None

    def counted_codes(self, source: str) -> set[str]:
        """Return every offence code of a source that some definition counts."""
        rules = [rule for d in self.definitions for rule in d.counts if rule.source == source]
        return {code for rule in rules for code in rule.offence_codes or ()}

    @model_validator(mode="after")
    def _check_plain_codes(self) -> Self:
        for source in (s for s in self.sources.values() if s.plain_codes):
            codes = sorted(self.counted_codes(source.source) | {*source.known_codes})
            if lost := [code for code in codes if not PLAIN_CODE.fullmatch(code)]:
                raise ValueError(
                    f"sources.{source.source}.plain_codes: {lost[0]!r} is no code in capitals without "
                    "leading noughts; leave plain_codes out"
                )
        return self

    @model_validator(mode="after")
    def _check_least_counts(self) -> Self:
        if lost := sorted(set(self.alerts.least_count) - set(self.sources)):
            raise ValueError(f"alerts.least_count: no source is called {lost[0]!r}")
        return self

    @model_validator(mode="after")
    def _check_contacts(self) -> Self:
        if lost := sorted(set(self.contacts.districts) - {c.district for c in self.town_centres}):
            raise ValueError(f"contacts.districts: no town centre lies in {lost[0]!r}")
        return self

    @model_validator(mode="after")
    def _check_readers(self) -> Self:
        known = {c.district for c in self.town_centres}
        for name, rule in self.readers.items():
            if lost := sorted(set(rule.districts) - known):
                raise ValueError(f"readers.{name}: no town centre lies in {lost[0]!r}")
        return self

    @model_validator(mode="after")
    def _check_groups(self) -> Self:
        for source in {group.source for group in self.offence_groups}:
            codes = [c for g in self.offence_groups if g.source == source for c in g.offence_codes]
            if source not in self.sources:
                raise ValueError(f"offence_groups speak of the unknown source {source!r}")
            if twice := sorted({code for code in codes if codes.count(code) > 1}):
                raise ValueError(f"offence_groups: {twice[0]!r} of {source} stands in two groups")
            if lost := sorted(self.counted_codes(source) - set(codes)):
                raise ValueError(f"offence_groups: {lost[0]!r} of {source} is counted and stands in no group")
        return self

    @model_validator(mode="after")
    def _check_words(self) -> Self:
        groups = {(group.source, group.offence_group) for group in self.offence_groups}
        for change in self.recording_changes:
            is_known = change.offence_group is None or (change.source, change.offence_group) in groups
            if change.source not in self.sources or not is_known:
                raise ValueError(f"recording_changes: {change.source}, {change.offence_group} is not known")
        if lost := sorted({p.district for p in self.populations} - set(self.districts)):
            raise ValueError(f"populations: no town centre lies in {lost[0]!r}")
        return self

    @model_validator(mode="after")
    def _check_priced(self) -> Self:
        known = {group.offence_group for group in self.offence_groups}
        for name, figures in (("unit_costs", self.unit_costs), ("harm_weights", self.harm_weights)):
            groups = [figure.offence_group for figure in figures]
            if lost := sorted(set(groups) - known):
                raise ValueError(f"{name}: {lost[0]!r} is no offence group")
            if twice := sorted({group for group in groups if groups.count(group) > 1}):
                raise ValueError(f"{name}: {twice[0]!r} stands there twice")
        if len(years := sorted({cost.price_year for cost in self.unit_costs})) > 1:
            raise ValueError(
                f"unit_costs: prices of {years[0]} and of {years[-1]} cannot be added up. Bring all to one year."
            )
        return self

    @model_validator(mode="after")
    def _check_renamed(self) -> Self:
        centres = {c.centre_code for c in self.town_centres}
        if lost := sorted(set(self.places.renamed.values()) - centres - {OUTSIDE}):
            raise ValueError(f"places.renamed: no town centre is called {lost[0]!r}")
        if both := sorted(set(self.places.renamed) & centres):
            raise ValueError(f"places.renamed: {both[0]!r} is still a town centre of this area")
        return self

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        known = {d.definition for d in self.definitions}
        if self.alert_definition not in known:
            raise ValueError(f"alert_definition {self.alert_definition!r} is none of {sorted(known)}")
        for definition in self.definitions:
            for rule in definition.counts:
                if rule.source not in self.sources:
                    raise ValueError(
                        f"definition {definition.definition} counts the unknown source {rule.source!r}"
                    )
        districts = {c.district for c in self.town_centres}
        if lost := sorted(districts - set(self.slack.district_channels)):
            raise ValueError(f"slack.district_channels has no channel for {', '.join(lost)}")
        centres = {c.centre_code for c in self.town_centres}
        for source in self.sources.values():
            if lost := sorted(set(source.centre_names.values()) - centres):
                raise ValueError(
                    f"sources.{source.source}.centre_names: no town centre is called {lost[0]!r}"
                )
        entries: tuple[GazetteerEntry | LocalEvent, ...] = (*self.gazetteer, *self.local_events)
        for entry in entries:
            if entry.centre_code is not None and entry.centre_code not in centres:
                raise ValueError(f"{entry!r} names the unknown town centre {entry.centre_code!r}")
        return self

    @model_validator(mode="after")
    def _check_interventions(self) -> Self:
        named = [one.intervention_id for one in self.interventions]
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise ValueError(
                f"interventions: {twice[0]!r} stands there twice; give each an intervention_id of its own"
            )
        for one in self.interventions:
            whose = f"interventions: {one.intervention_id}"
            if one.place_code not in self._centre_names:
                raise ValueError(f"{whose}: place_code: no town centre is called {one.place_code!r}")
            if one.outcome_definition not in {d.definition for d in self.definitions}:
                raise ValueError(
                    f"{whose}: outcome_definition: no definition is called {one.outcome_definition!r}"
                )
            if self.definition(one.outcome_definition).hours != "night":
                raise ValueError(
                    f"{whose}: outcome_definition: {one.outcome_definition!r} counts whole days, and an evaluation "
                    f"counts nights: name one with hours = 'night', such as {self.alert_definition!r}"
                )
            if not are_in_night(one.hours, self.hours.opens, self.hours.closes):
                raise ValueError(
                    f"{whose}: hours: {one.said_hours} do not lie within a night, "
                    f"{self.hours.opens:%H:%M}-{self.hours.closes:%H:%M}"
                )
        return self
