"""What is expected of a delivery of a source, derived from the area file alone."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nte.area import Area, Source

FITS, PLACES, IS_WHOLE, IS_PLACED = "{}__is_a_time", "{}__places", "_is_whole", "_is_placed"
"""Names of the columns that expectations/evidence.py derives."""
ROUNDED_FORM = r"^[+-]?[0-9]+(?:[.,][0-9]+)?[Ee]\+[0-9]+$"
"""A long number as a spreadsheet leaves it."""
VERSION_FORM = r"^[1-9][0-9]{0,8}$"


class Severity(StrEnum):
    """What happens when an expectation is not met."""

    CRITICAL = "critical"
    """The whole delivery is rejected."""
    ERROR = "error"
    """The rows at fault are set aside."""
    WARNING = "warning"
    """Used, but somebody should look."""


@dataclass(frozen=True)
class HasColumns:
    """The delivery has all these columns, whatever else it has."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class HasDeclaredRows:
    """The delivery has as many rows as its manifest declares."""


@dataclass(frozen=True)
class HasUsualRows:
    """The delivery has about as many rows as the weekday brings."""


@dataclass(frozen=True)
class IsFilled:
    """No cell is empty."""


@dataclass(frozen=True)
class IsTrue:
    """At least this share of the rows is as they should be."""

    least_share: float = 1.0


@dataclass(frozen=True)
class IsOneOf:
    """Every filled cell is one of these values."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class HasForm:
    """Every filled cell has this form."""

    pattern: str


@dataclass(frozen=True)
class HasNotForm:
    """No cell has this form."""

    pattern: str


@dataclass(frozen=True)
class IsPossible:
    """Every instant lies between this one (UTC, without zone) and the morning the delivery is known."""

    oldest: datetime


@dataclass(frozen=True)
class IsNotBefore:
    """Every instant is at or after that of another column."""

    other: str


@dataclass(frozen=True)
class IsUniqueWith:
    """No two rows are the same in this column and the other."""

    other: str


Test = (
    HasColumns
    | HasDeclaredRows
    | HasUsualRows
    | IsFilled
    | IsTrue
    | IsOneOf
    | HasForm
    | HasNotForm
    | IsPossible
    | IsNotBefore
    | IsUniqueWith
)


@dataclass(frozen=True)
class Rule:
    """One expectation: what is tested, where, and how bad it is."""

    rule: str
    column: str
    severity: Severity
    test: Test | None = None
    """None where it is judged beside the suite."""
    evidence: str = ""
    """The derived column that is tested, where it is not the column itself."""

    @property
    def tested_column(self) -> str:
        """The column of the evidence frame that the test reads."""
        return self.evidence or self.column

    @property
    def is_by_row(self) -> bool:
        """Say whether the rows can be tested part by part; counts, shares and what is unique need them all."""
        if isinstance(self.test, IsTrue):
            return self.test.least_share == 1.0
        return not isinstance(self.test, HasDeclaredRows | HasUsualRows | IsUniqueWith)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the evidence frame that the test reads."""
        other = (self.test.other,) if isinstance(self.test, IsUniqueWith | IsNotBefore) else ()
        return tuple(name for name in (self.tested_column, *other) if name)


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation."""

    rule: Rule
    is_met: bool
    rows: tuple[int, ...] = ()
    """Row numbers at fault."""
    detail: str = ""
    """What a person should know besides; never a cell of the delivery."""


@dataclass(frozen=True)
class Limits:
    """What differs from one delivery of a source to the next."""

    known_at: datetime
    n_declared: int | None = None
    """Rows by its manifest."""
    least_rows: int | None = None
    most_rows: int | None = None
    """What the weekday can bring, where that is known and there is no manifest."""


def file_rules(source: Source, limits: Limits) -> list[Rule]:
    """Return what is expected of the file as a whole."""
    rules = [Rule("columns_missing", "", Severity.CRITICAL, HasColumns(tuple(source.required_columns)))]
    if limits.n_declared is not None:
        rules.append(Rule("rows_not_as_declared", "", Severity.CRITICAL, HasDeclaredRows()))
    elif limits.most_rows is not None:
        rules.append(Rule("volume_extreme", "", Severity.CRITICAL, HasUsualRows()))
    return rules


def row_rules(source: Source, area: Area) -> list[Rule]:
    """Return what is expected of every row, those that set a row aside first."""
    roles = source.columns
    rules = [
        Rule("row_ragged", "", Severity.ERROR, IsTrue(), IS_WHOLE),
        Rule("key_missing", roles.record_id, Severity.ERROR, IsFilled()),
    ]
    rounded = HasNotForm(ROUNDED_FORM)
    rules += [
        Rule("key_rounded", column, Severity.ERROR, rounded) for column in dict.fromkeys(source.key_columns)
    ]
    if roles.record_version:
        rules.append(Rule("version_invalid", roles.record_version, Severity.ERROR, HasForm(VERSION_FORM)))
    if roles.state and (states := source.live_states + source.withdrawn_states):
        rules.append(Rule("state_unknown", roles.state, Severity.ERROR, IsOneOf(states)))
    return [*rules, *_time_rules(source, area), *_code_rules(source, area), *_other_rules(source)]


def _time_rules(source: Source, area: Area) -> list[Rule]:
    """A time that places its row must be possible; of another it is said when it is not, and the row is used."""
    oldest = datetime(area.oldest_year, 1, 1)  # noqa: DTZ001  a year's start needs no zone
    rules = list[Rule]()
    for column in source.time_columns:
        rules.append(Rule("time_unreadable", column, Severity.ERROR, IsTrue(), FITS.format(column)))
        if column in source.placing_columns:
            possible = IsPossible(oldest)
            rules.append(Rule("time_impossible", column, Severity.ERROR, possible, PLACES.format(column)))
        if column != source.columns.event_from:
            rules.append(Rule("time_unlikely", column, Severity.WARNING, IsPossible(oldest)))
    orders = [(order.later, IsNotBefore(order.earlier)) for order in source.order]
    return [*rules, *(Rule("order_impossible", column, Severity.ERROR, test) for column, test in orders)]


def known_values(source: Source, area: Area) -> dict[str, tuple[str, ...]]:
    """Return the known values of each coded column; `*` at the end stands for any continuation."""
    roles = source.columns
    known: dict[str, tuple[str, ...]] = dict(source.other_codes)
    codes = tuple(sorted(area.counted_codes(source.source) | set(source.known_codes)))
    if roles.offence_code and codes:
        known[roles.offence_code] = codes
    if roles.site_code and source.sites:
        known[roles.site_code] = source.sites
    if roles.centre and source.centre_names:
        known[roles.centre] = tuple(source.centre_names)
    if roles.time_precision:
        known[roles.time_precision] = source.known_precisions
    for role, words in source.codes.model_dump().items():
        if column := getattr(roles, role):
            known[column] = tuple(words)
    for flag in (roles.is_domestic, roles.has_knife, roles.has_alcohol, roles.is_police_informed):
        if flag:
            known[flag] = source.yes + source.no
    return known


def form_of(values: tuple[str, ...]) -> str:
    """Return the regular expression that these values fit."""
    return "^(?:" + "|".join(re.escape(v.removesuffix("*")) + ".*" * v.endswith("*") for v in values) + ")$"


def _code_rules(source: Source, area: Area) -> list[Rule]:
    return [
        Rule(
            "code_unknown",
            column,
            Severity.WARNING,
            HasForm(form_of(values)) if any(v.endswith("*") for v in values) else IsOneOf(values),
        )
        for column, values in known_values(source, area).items()
    ]


def _other_rules(source: Source) -> list[Rule]:
    roles, rules = source.columns, []
    if roles.x and roles.y:
        share = IsTrue(1 - source.usual_unplaced_share)
        rules.append(Rule("unplaced_unusual", roles.x, Severity.WARNING, share, IS_PLACED))
    if roles.record_version:
        unique = IsUniqueWith(roles.record_version)
        rules.append(Rule("record_repeated", roles.record_id, Severity.WARNING, unique))
    return rules
