"""A source's section of the area file: made of a proposal, written with comments, held against what stands."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any, Final

import polars as pl

from expectations.onboarding.codes import written_alike
from expectations.onboarding.exports import Export
from expectations.onboarding.fits import codes_of, reading_of
from expectations.onboarding.matching import Match
from expectations.onboarding.proposal import (
    DESCRIBED,
    GONE,
    STANDS,
    Proposal,
    flag_words,
    is_time,
    states_of,
)
from nte.area import PLAIN_CODE, Area, FileForm, Source
from nte.deliveries.made_columns import plain_code

MARK: Final = "# Written by nte onboard. What is changed here stays: the next run says what differs."
ENDINGS: Final[dict[FileForm, str]] = {"csv": "csv", "xlsx": "xlsx", "ods": "ods", "zip": "zip"}
ENDING: Final = re.compile(r"\\\.(?:csv|xlsx|ods|zip|\(\?:\w+\|csv\))$")
BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
TABLES: Final = (
    "columns",
    "joined",
    "parted",
    "translated",
    "codes",
    "centre_names",
    "other_codes",
    "completeness_prior",
)
MAPPED: Final = (
    *(
        "file_forms",
        "sheet",
        "time_formats",
        "days_as_numbers",
        "columns",
        "joined",
        "parted",
        "translated",
        "codes",
        "plain_codes",
    ),
    *("yes", "no", "live_states", "withdrawn_states", "crs", "other_time_columns", "unused_columns"),
    *("optional_columns", "order", "centre_names", "other_codes"),
)
"""What follows from an export; all else is the area's own and stays."""


def make_section(proposal: Proposal, export: Export, source: Source, area: Area) -> dict[str, Any]:
    """Return the facts of a source's section, in the words of the area file."""
    facts = source.model_dump(exclude_unset=True, exclude={"source"}) | {
        "longest_window_hours": source.longest_window_hours
    }
    facts = {
        name: value for name, value in facts.items() if name not in MAPPED and value not in (None, (), {})
    }
    facts |= _patterns(source, export.forms)
    if export.forms != ("csv",):
        facts["file_forms"] = list(dict.fromkeys([*export.forms, "csv"]))
    if export.sheet:
        facts["sheet"] = export.sheet
    return facts | _times(proposal) | _columns(proposal, source, area) | _words(proposal, source, area)


def _patterns(source: Source, forms: Sequence[FileForm]) -> dict[str, str]:
    """Return the patterns of names with the ending of this form; history is also taken as CSV."""
    ending = ENDINGS[forms[0]]
    of_history = ending if ending == "csv" else f"(?:{ending}|csv)"
    return {
        key: ENDING.sub(rf"\\.{said}", getattr(source, key))
        for key, said in (("daily_pattern", ending), ("history_pattern", of_history))
    }


def _times(proposal: Proposal) -> dict[str, Any]:
    used = [m for m in proposal.matches if is_time(m.role) and m.candidate.name in proposal.readings]
    used.sort(key=lambda match: match.role != "event_from")
    readings = [proposal.readings[match.candidate.name] for match in used]
    facts: dict[str, Any] = {"time_formats": list(dict.fromkeys(reading.form for reading in readings))}
    if any(reading.is_number for reading in readings):
        facts["days_as_numbers"] = True
    return facts


def _columns(proposal: Proposal, source: Source, area: Area) -> dict[str, Any]:
    columns = {m.role: m.candidate.name for m in proposal.matches if not m.role.startswith("time:")}
    others = [m.candidate.name for m in proposal.matches if m.role.startswith("time:")]
    facts: dict[str, Any] = {
        "other_time_columns": others,
        "joined": {
            m.candidate.name: list(m.candidate.columns) for m in proposal.matches if m.candidate.is_joined
        },
    }
    if points := proposal.points:
        names = list(points.columns)
        if len(names) == 1:
            pair = [f"{names[0]} (x)", f"{names[0]} (y)"]
            facts["parted"] = {names[0]: pair[::-1] if points.is_y_first else pair}
            names = pair
        columns |= {"x": names[0], "y": names[1]}
        if points.crs != area.places.crs:
            facts["crs"] = points.crs
    facts["columns"] = columns
    facts["order"] = [o for o in (_order(order, proposal, source) for order in source.order) if o]
    other_codes = {c: list(v) for c, v in source.other_codes.items() if c in proposal.unused}
    unused = [column for column in proposal.unused if column not in other_codes]
    facts |= {"unused_columns": unused, "optional_columns": unused, "other_codes": other_codes}
    return {name: value for name, value in facts.items() if value}


def _order(order: Any, proposal: Proposal, source: Source) -> dict[str, str] | None:
    """Return a rule about the order of two times with the columns that play their parts now."""
    now = {m.role: m.candidate.name for m in proposal.matches}
    roles = {column: role for role, column in source.columns.by_role().items()}
    roles |= {column: f"time:{column}" for column in source.other_time_columns}
    earlier, later = (now.get(roles.get(column, "")) for column in (order.earlier, order.later))
    return {"earlier": earlier, "later": later} if earlier and later else None


def _words(proposal: Proposal, source: Source, area: Area) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    state = proposal.match("state")
    if state:
        live, gone = states_of(state, source)
        told = {
            which: [value for value, said in proposal.states.items() if said == which]
            for which in (STANDS, GONE)
        }
        facts |= {"live_states": [*live, *told[STANDS]], "withdrawn_states": [*gone, *told[GONE]]}
    yes, no = flag_words(proposal.matches)
    facts |= {"yes": list(yes or source.yes), "no": list(no or source.no)}
    translated, codes, centres = dict[str, Any](), dict[str, Any](), dict[str, str]()
    for match in (m for m in proposal.matches if m.fit.words):
        words = match.fit.words
        if match.role in ("state", "offence_code", "site_code", "time_precision", "district"):
            is_plain = match.role == "offence_code" and _are_plain(codes_of(match.role, source, area))
            facts |= {"plain_codes": True} if is_plain else {}
            if written := _written(match, source, area, is_plain=is_plain):
                translated[match.candidate.name] = written
        if match.role in DESCRIBED and words:
            own = getattr(source.codes, match.role)
            codes[match.role] = own | words.read if set(own) & set(words.read) else words.read
        if match.role == "centre" and words:
            by_name = {c.name: c.centre_code for c in area.current_centres} | source.centre_names
            centres = {said: by_name[here] for said, here in words.read.items()}
    return facts | {
        k: v for k, v in (("translated", translated), ("codes", codes), ("centre_names", centres)) if v
    }


def _are_plain(codes: Sequence[str]) -> bool:
    """Say whether codes can be compared in capitals and without leading noughts: words cannot."""
    return bool(codes) and all(map(PLAIN_CODE.fullmatch, codes))


def _written(match: Match, source: Source, area: Area, *, is_plain: bool) -> dict[str, str]:
    """Return the codes that are written otherwise, those that this export happens not to hold as well."""
    said = match.fit.words.read if match.fit.words else {}
    if is_plain:
        plain = pl.DataFrame({"code": [*said]}, {"code": pl.String}).select(plain_code("code"))["code"]
        said = dict(zip(plain, said.values(), strict=True))
    otherwise = {there: here for there, here in said.items() if there != here}
    read = reading_of(match.role, source, area)
    return written_alike(otherwise, codes_of(match.role, source, area), read)


def write_section(name: str, facts: Mapping[str, Any], proposal: Proposal, about: str) -> str:
    """Return the section as TOML: what follows from the export, how sure it is, and what was left out."""
    lines = [
        MARK,
        f"# {about}",
        *(f"# Not mapped: {_in_one_line(question.text)}" for question in proposal.questions),
    ]
    lines.append(f"[sources.{_key(name)}]")
    plain = {key: value for key, value in facts.items() if key not in TABLES}
    lines += [f"{key} = {as_toml(value)}" for key, value in plain.items()]
    for table in (t for t in TABLES if facts.get(t)):
        lines += _table(f"sources.{_key(name)}.{table}", facts[table], _remarks(table, proposal))
    return "\n".join(lines) + "\n"


def _in_one_line(text: str) -> str:
    """Return text for a comment: a line's end in a cell or a column's name ends no comment."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _table(path: str, facts: Mapping[str, Any], remarks: Mapping[str, str]) -> Iterator[str]:
    nested = {key: value for key, value in facts.items() if isinstance(value, dict)}
    if len(nested) < len(facts):
        yield f"[{path}]"
    for key, value in facts.items():
        if key not in nested:
            remark = f"   # {remarks[key]}" if key in remarks else ""
            yield f"{_key(str(key))} = {as_toml(value)}{remark}"
    for key, value in nested.items():
        yield from _table(f"{path}.{_key(key)}", value, {})


def _remarks(table: str, proposal: Proposal) -> dict[str, str]:
    """Return what is said beside the lines of a table: how sure each column is."""
    if table != "columns":
        return {}
    said = {
        m.role: "told" if m.is_told else f"{m.confidence:.0%} sure" + _how_many(m.fit.share)
        for m in proposal.matches
    }
    if points := proposal.points:
        said["x"] = said["y"] = f"{points.share:.0%} of its points lie in the area ({points.crs})"
    return said


def _how_many(share: float) -> str:
    return "" if share >= 1 else f", {share:.0%} of its values are read"


def as_toml(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(str(k))} = {as_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, time | date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:g}"
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    """Return text as TOML writes it: as it stands where it has backslashes, such as patterns."""
    if "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def replace_section(text: str, name: str, section: str) -> str:
    """Return an area file's text with a source's section replaced; all other lines stay as they are."""
    lines = text.splitlines(keepends=True)
    of_source = re.compile(rf"^\s*\[\s*sources\s*\.\s*[\"']?{re.escape(name)}[\"']?\s*[.\]]")
    heads = [i for i, line in enumerate(lines) if line.lstrip().startswith("[")]
    mine = [i for i in heads if of_source.match(lines[i])]
    if not mine:
        return text.rstrip("\n") + "\n\n" + section
    start, after = mine[0], [i for i in heads if i > mine[-1]]
    end = after[0] if after else len(lines)
    while end > mine[-1] + 1 and re.fullmatch(r"\s*(#.*)?\n?", lines[end - 1]) and after:
        end -= 1
    while start > 0 and lines[start - 1].startswith("# ") and not re.fullmatch(r"# ?-+\n", lines[start - 1]):
        start -= 1
    return "".join([*lines[:start], section, *lines[end:]])


def was_written(text: str, name: str) -> bool:
    """Say whether a source's section was written from an export before."""
    before, found, _ = text.partition(f"[sources.{_key(name)}]")
    return bool(found) and MARK in before.rsplit("\n\n", 1)[-1]


def differences(
    now: Mapping[str, Any], proposed: Mapping[str, Any], path: str = ""
) -> list[tuple[str, Any, Any]]:
    """Return key, value now and value proposed of all that follows from an export and differs between two sections."""
    found = list[tuple[str, Any, Any]]()
    for key in (k for k in dict.fromkeys([*now, *proposed]) if path or k in MAPPED):
        here, there, at = now.get(key), proposed.get(key), f"{path}{key}"
        if isinstance(here, dict) or isinstance(there, dict):
            found += differences(here or {}, there or {}, f"{at}.")
        elif _same(here) != _same(there):
            found.append((at, here, there))
    return found


def _same(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value
