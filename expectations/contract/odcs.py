"""The contract in the Open Data Contract Standard (bitol.io), version 3: what other tools read. Pure: dict out."""

from datetime import date
from hashlib import sha256
from typing import Any, Final

from expectations.contract.example import example_rows
from expectations.contract.terms import ASKED, Kind, Term, refusals, terms_of
from expectations.rules import Limits, Severity, form_of
from nte.area import Area, Source

API_VERSION: Final = "v3.1.0"
LOGICAL: Final[dict[Kind, str]] = {
    "reference": "string",
    "time": "timestamp",
    "number": "number",
    "code": "string",
    "text": "string",
}
DIMENSIONS: Final = {
    Severity.CRITICAL: "error",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
}


def as_odcs(source: Source, area: Area, limits: Limits, day: date) -> dict[str, Any]:
    """Return the contract of a source; its version is a print of what it says, so that a change is seen."""
    terms, examples = terms_of(source, area), example_rows(source, area, day)
    columns = [_property(term, source, [row[term.column] for row in examples[:3]]) for term in terms]
    table = {
        "name": source.source,
        "physicalType": "file",
        "logicalType": "object",
        "description": source.title,
        "dataGranularityDescription": "one row a version of a record",
        "properties": columns,
        "quality": [
            {"type": "text", "description": f"{why}: {what.lower()}", "severity": _severity(what)}
            for what, why in refusals(source, area, limits)
        ],
    }
    contract = {
        "kind": "DataContract",
        "apiVersion": API_VERSION,
        "id": f"{area.code}-{source.source}",
        "name": f"{source.title}, for {area.name}",
        "status": "active",
        "domain": "night-time economy violence",
        "description": {
            "purpose": "Counts of violence by night and town centre, and alerts when there is more than expected.",
            "limitations": "No names, NHS numbers, dates of birth, full postcodes, phone numbers or e-mail addresses.",
        },
        "schema": [table],
        "slaProperties": [
            {"property": "frequency", "value": 1, "unit": "d", "element": source.source},
            {
                "property": "timeOfAvailability",
                "value": f"{source.due_by:%H:%M}",
                "element": source.source,
                "description": f"local time, {source.time_zone or area.time_zone}",
            },
        ],
    }
    return {"version": f"1.0.0+{sha256(repr(contract).encode()).hexdigest()[:12]}"} | contract


def _severity(what: str) -> str:
    return next(DIMENSIONS[severity] for severity, asked in ASKED.items() if asked == what)


def _property(term: Term, source: Source, examples: list[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if term.kind == "time":
        options["format"] = source.time_form(term.column) or source.time_formats[0]
    elif term.values and not (source.plain_codes and term.column == source.columns.offence_code):
        options["pattern"] = form_of(term.values)
    found: dict[str, Any] = {
        "name": term.column,
        "logicalType": LOGICAL[term.kind],
        "physicalType": "text",
        "required": term.is_key,
        "primaryKey": term.is_key,
        "description": term.meaning,
    }
    if options:
        found["logicalTypeOptions"] = options
    if filled := [example for example in examples if example]:
        found["examples"] = filled
    return found
