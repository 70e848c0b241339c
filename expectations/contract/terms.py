"""The terms of a source's columns: what each means to this service, what it may hold, and whether it must be there."""

from dataclasses import dataclass
from typing import Final, Literal

from expectations.messages import say
from expectations.rules import Limits, Outcome, Rule, Severity, file_rules, known_values, row_rules
from nte.area import Area, Source

Kind = Literal["reference", "time", "number", "code", "text"]
MEANINGS: Final[dict[str, tuple[str, Kind]]] = {
    "record_id": ("Key of the record: always filled, and never used again for another", "reference"),
    "incident_id": ("The incident that the record belongs to; several records may share one", "reference"),
    "record_version": ("Whole number from 1 that rises with each correction; the highest is the truth", "number"),
    "state": ("Whether the record stands or was withdrawn", "code"),
    "offence_code": ("What happened, by the provider's code list", "code"),
    "event_from": ("When it happened; it places the record in its night", "time"),
    "event_time": ("Time of day that belongs to the date of the event", "time"),
    "event_to": ("End of when it may have happened", "time"),
    "fallback_at": ("Time that places the record where the event has none", "time"),
    "time_precision": ("How exactly the time of the event is known", "code"),
    "x": ("Easting or longitude of the place", "number"),
    "y": ("Northing or latitude of the place", "number"),
    "place_text": ("Where it happened, in words: used to find the town centre, then discarded", "text"),
    "centre": ("Town centre in which it happened", "code"),
    "site_code": ("Site that saw the patient", "code"),
    "district": ("District in which it happened", "text"),
    "is_domestic": ("Whether it was domestic; empty is unknown", "code"),
    "has_knife": ("Whether a knife was used; empty is unknown", "code"),
    "has_alcohol": ("Whether alcohol was involved; empty is unknown", "code"),
    "age_group": ("Age band of the victim; never an age or a date of birth", "code"),
    "location_group": ("Kind of place", "code"),
    "method_group": ("How the injury was done", "code"),
    "is_police_informed": ("Whether the police were informed; empty is unknown", "code"),
    "hospital_code": ("Hospital to which somebody was taken", "code"),
    "triage_system": ("System by which the call was sorted", "code"),
}  # fmt: skip
START: Final = "When it happened, or the start of when it may have"
"""What the first time means where there is a last one; alone it places the record."""
PLAIN: Final = "small letters, leading noughts and a title behind the code do not matter"
FURTHER_TIME: Final = "A further time, looked at for what is impossible; it places no record"
FURTHER_CODE: Final = "A further code; other values are asked about"
UNUSED: Final = "Read past: no record has it"
ASKED: Final = {
    Severity.CRITICAL: "The whole delivery is refused",
    Severity.ERROR: "The row is set aside",
    Severity.WARNING: "The row is used, and you are asked",
}


@dataclass(frozen=True)
class Term:
    """One column of the contract."""

    column: str
    meaning: str
    kind: Kind
    is_required: bool
    """The column must be there; its cells may be empty but for the key."""
    is_key: bool
    is_kept: bool
    values: tuple[str, ...] = ()
    """Known values; `*` at the end stands for any continuation."""


def terms_of(source: Source, area: Area) -> list[Term]:
    """Return the terms of a source's columns, in the contract's order."""
    return [_term(name, source, area) for name in (*source.required_columns, *source.optional_columns)]


def _term(name: str, source: Source, area: Area) -> Term:
    roles = [role for role, column in source.columns.by_role().items() if name in source.file_columns(column)]
    further = [name for column in source.other_time_columns for name in source.file_columns(column)]
    said: list[tuple[str, Kind]] = [
        (f"{START}; {window_of(source)}", "time")
        if role == "event_from" and source.columns.event_to
        else MEANINGS[role]
        for role in roles
    ]
    if not said:
        said = [(FURTHER_TIME, "time")] if name in further else [(UNUSED, "text")]
        said = [(FURTHER_CODE, "code")] if name in source.other_codes else said
    values = {
        **known_values(source, area),
        **({source.columns.state: _states(source)} if source.columns.state else {}),
    }
    written = {here: said for said, here in reversed(source.translated.get(name, {}).items())}
    is_plain = source.plain_codes and name == source.columns.offence_code
    return Term(
        column=name,
        meaning="; ".join([*(meaning for meaning, _ in said), *([PLAIN] if is_plain else [])]),
        kind=said[0][1],
        is_required=name in source.required_columns,
        is_key="record_id" in roles,
        is_kept=bool({*roles} - {"place_text"}) or name in further,
        values=tuple(written.get(value, value) for value in values.get(name, ())),
    )


def window_of(source: Source) -> str:
    """Return what places a record in its night, in words, where it has a first and a last time."""
    return (
        f"the middle between it and `{source.columns.event_to}` places the record in its night. More than "
        f"{source.longest_window_hours:g} hours between them say no night; without the last the first places it"
    )


def _states(source: Source) -> tuple[str, ...]:
    return source.live_states + source.withdrawn_states


def refusals(source: Source, area: Area, limits: Limits) -> list[tuple[str, str]]:
    """Return what happens, and when: each rule of the source's checks in the words that its provider would read."""
    rules = [*file_rules(source, limits), *row_rules(source, area)]
    fixed = [Rule("personal_data", "", Severity.CRITICAL), Rule("rows_none", "", Severity.CRITICAL)]
    return [(ASKED[rule.severity], _said(rule)) for rule in (*fixed, *rules)]


def _said(rule: Rule) -> str:
    details = {
        "columns_missing": "a column is missing",
        "rows_not_as_declared": "it has more or fewer rows than its manifest says",
        "personal_data": "names, NHS numbers, dates of birth, full postcodes, phone numbers, e-mail addresses",
    }
    return say(Outcome(rule, is_met=False, detail=details.get(rule.rule, "")))
