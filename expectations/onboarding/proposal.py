"""The proposal: which columns, codes, times and places an export seems to have, and what has to be asked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl
from rapidfuzz import fuzz

from expectations.onboarding.candidates import Candidate, find_candidates, label_of
from expectations.onboarding.codes import WITHDRAWN, plain_word
from expectations.onboarding.exports import Export
from expectations.onboarding.fits import FLAGS, TIMES
from expectations.onboarding.headers import drawn_off, score_of_role, words_of_name
from expectations.onboarding.matching import (
    SURE_NAME,
    Match,
    is_coordinate,
    match_roles,
    rank,
    score_of_named_time,
)
from expectations.onboarding.places import Points, find_points, numbers_of
from expectations.onboarding.times import Reading
from nte.area import Area, Source
from nte.deliveries.local_times import parse_local

NONE: Final = "none of them"
IN_WORDS: Final = ("centre", "place_text")
"""Roles that say the place without coordinates."""
STATE: Final = "state."
"""Before a value of the state column: the key of the question what it means."""
STANDS: Final = "the record counts"
GONE: Final = "it was withdrawn, and never counts"
ASIDE: Final = "leave it out: its rows are set aside"
MOST_STATES, MOST_WORDS, LEAST_ROWS = 12, 6, 3
TIME_OF: Final = "time_of."
"""Before a date's column: the key of the question which column has its time."""
MOST_OPTIONS: Final = 4
LEAST_LIKE: Final = 0.7
"""A column that plays no role is named beside one that its name is so much like."""
POINTS_SURE, POINTS_NEAR = 0.8, 0.15
SOMEBODY: Final = frozenset(
    {
        *(
            "aggrieved",
            "caller",
            "complainant",
            "home",
            "informant",
            "nominal",
            "offender",
            "officer",
            "patient",
        ),
        *("person", "residence", "resident", "station", "suspect", "unit", "vehicle", "victim", "witness"),
    }
)
"""Words of a column about somebody or something else than the place of the event."""
IN_ORDER: Final = 0.95
"""Of the rows so many must have their times in order."""
DESCRIBED: Final = ("age_group", "location_group", "method_group", "hospital_code", "triage_system")
MOST_EXAMPLES: Final = 3


@dataclass(frozen=True)
class Question:
    """Something that is not sure: it is asked, or left out and named."""

    key: str
    text: str
    options: tuple[str, ...]
    """The likeliest first; `NONE` is always the last."""
    is_needed: bool
    """Without an answer nothing can be counted."""


@dataclass(frozen=True)
class Proposal:
    """What an export seems to be."""

    matches: tuple[Match, ...]
    """What is sure, or was told."""
    points: Points | None
    questions: tuple[Question, ...]
    readings: Mapping[str, Reading]
    """How each used column of times is read, by the candidate's name."""
    missing: tuple[str, ...]
    """Roles without which nothing can be counted, and that no column can play."""
    unused: tuple[str, ...]
    """Columns of the file that nothing uses."""
    personal: Mapping[str, str] = field(default_factory=dict)
    """Columns that must not be there, and why."""
    notes: tuple[str, ...] = ()
    """What was told and cannot be used, and why."""
    states: Mapping[str, str] = field(default_factory=dict)
    """What a record with a value of the state column is, where somebody has said so."""
    unfilled: Mapping[str, str] = field(default_factory=dict)
    """By role that no column plays and that is not asked about: the unused column that may, by its name; else empty."""

    @property
    def is_usable(self) -> bool:
        """Say whether an area file can be written from it."""
        return not self.missing and not any(question.is_needed for question in self.questions)

    def match(self, role: str) -> Match | None:
        """Return what plays a role."""
        return next((match for match in self.matches if match.role == role), None)

    @property
    def columns(self) -> set[str]:
        """Return the columns of the file that are used."""
        used = {column for match in self.matches for column in match.candidate.columns}
        return used | set(self.points.columns if self.points else ())


def propose(
    export: Export, source: Source, area: Area, personal: Mapping[str, str], told: Mapping[str, str]
) -> Proposal:
    """Return what an export seems to be, beside what the area file says of its source now.

    `personal` names the columns that must not be there: they play no role. `told` are answers by a question's key.
    """
    zone = area.zone_of(source).key
    hours = {
        key.removeprefix(TIME_OF): hour
        for key, hour in told.items()
        if key.startswith(TIME_OF) and hour != NONE
    }
    candidates = [c for c in find_candidates(export, zone, hours) if not {*c.columns} & {*personal}]
    told = {key: f"{said} and {hours[said]}" if said in hours else said for key, said in told.items()}
    points, asked_points = _points(export, source, area, personal, told)
    taken = set(points.columns if points else ())
    candidates = [c for c in candidates if not {*c.columns} & taken]
    roles = roles_of(source)
    found = match_roles(roles, candidates, source, area, {k: v for k, v in told.items() if k in roles})
    found = _in_order(found, zone, told)
    asked_hours = list(_about_hours(found, candidates, told))
    left_out = {m.role: _without_hours(m) for m in found if m.is_told and _is_date(m)}
    sure = [match for match in found if not match.doubt and match.role not in left_out]
    needed = [r for r in needed_roles(source, area) if not (points and r in IN_WORDS)]
    questions = [
        *asked_hours,
        *asked_points,
        *_about_roles(found, candidates, roles, source, area, needed, told),
    ]
    readings, asked_times = _readings(sure, told)
    questions += asked_times
    sure = [
        m for m in sure if m.candidate.times is None or m.candidate.name in readings or not is_time(m.role)
    ]
    states = {key.removeprefix(STATE): said for key, said in told.items() if key.startswith(STATE)}
    questions += _about_states(sure, source, told)
    open_keys = {question.key for question in questions}
    open_keys |= {m.role for m in found if f"{TIME_OF}{m.candidate.name}" in open_keys}
    missing = [r for r in needed if r not in open_keys and not any(m.role == r for m in sure)]
    missing += _other_intents(export, source)
    if source.columns.x and points is None and "points" not in open_keys and not _is_placed_otherwise(sure):
        missing.append(_no_points(export, source, area))
    missing = [r for r in missing if f"times.{_name_of(found, r)}" not in open_keys]
    missing = [f"{r} ({left_out[r]})" if r in left_out else r for r in missing]
    notes = tuple(f"{say_role(r)} is left out: {why}" for r, why in left_out.items() if r not in needed)
    proposal = Proposal(
        tuple(sure), points, tuple(questions), readings, tuple(missing), (), personal, notes, states
    )
    unused = tuple(n for n in export.header if n not in proposal.columns and n not in personal)
    named = {
        role: label for role, label in roles.items() if role not in open_keys and proposal.match(role) is None
    }
    free = [c for c in candidates if {*c.columns} <= {*unused}]
    unfilled = {role: _by_name(role, free, roles, source) if role not in told else "" for role in named}
    return replace(proposal, unused=unused, unfilled=unfilled)


def _by_name(role: str, free: Sequence[Candidate], roles: Mapping[str, str], source: Source) -> str:
    """Return the column that is named most like a role; empty where none is."""
    scores = {
        c.name: score_of_named_time(c.label, role, roles, source)
        if is_time(role)
        else score_of_role(c.label, role, source.kind, roles[role], is_time=False)
        for c in free
    }
    best = max(scores, key=lambda name: scores[name], default="")
    return best if best and scores[best] >= LEAST_LIKE else ""


def is_time(role: str) -> bool:
    """Say whether a role is one of times."""
    return role in TIMES or role.startswith("time:")


def roles_of(source: Source) -> dict[str, str]:
    """Return the roles that a source has, with the columns that play them now; coordinates are found otherwise."""
    roles = {r: c for r, c in source.columns.by_role().items() if r not in ("x", "y", "event_time")}
    return roles | {f"time:{column}": column for column in source.other_time_columns}


def needed_roles(source: Source, area: Area) -> list[str]:
    """Return the roles without which nothing of a source can be counted, but for its coordinates."""
    roles = ["record_id", "event_from"]
    if source.columns.offence_code and area.counted_codes(source.source):
        roles.append("offence_code")
    if not source.columns.x:
        roles += [role for role in IN_WORDS if getattr(source.columns, role)][:1]
    return roles


def _is_date(match: Match) -> bool:
    times = match.candidate.times
    return is_time(match.role) and times is not None and times.best.kind == "date"


def _without_hours(match: Match) -> str:
    return (
        f"{match.candidate.name} holds dates without hours, which say no night; ask for its time, or name the column "
        "that has it as docs/onboarding.md says"
    )


def _about_hours(
    matches: Sequence[Match], candidates: Sequence[Candidate], told: Mapping[str, str]
) -> Iterator[Question]:
    """Yield which column has the time of a date that would place a record, where one is left that may."""
    hours = tuple(c.name for c in candidates if c.times and c.times.best.kind == "hour")
    for match in (m for m in matches if m.role in TIMES and _is_date(m)):
        key, name = f"{TIME_OF}{match.candidate.name}", match.candidate.name
        if hours and key not in told:
            near = sorted(hours, key=lambda hour: -fuzz.token_set_ratio(hour, name))[:MOST_OPTIONS]
            text = f"Which column has the time of {name}? It holds dates without hours, which say no night."
            yield Question(key, text, (*near, NONE), match.role == "event_from")


def _about_states(matches: Sequence[Match], source: Source, told: Mapping[str, str]) -> Iterator[Question]:
    """Yield what each value of the state column means that no word tells: a withdrawal would else be set aside."""
    state = next((m for m in matches if m.role == "state" and m.fit.words), None)
    unread = state.fit.words.unread if state and state.fit.words else {}
    for value, n in list(unread.items())[:MOST_STATES]:
        if state is None or f"{STATE}{value}" in told or not is_shown(value, n):
            continue
        is_gone = any(f"_{word}_" in f"_{plain_word(value)}_" for word in WITHDRAWN)
        options = (GONE, STANDS) if is_gone else (STANDS, GONE)
        text = (
            f"{state.candidate.name} says '{value}' in {n} {'row' if n == 1 else 'rows'}: does such a record count? "
            f"Else its rows are set aside, until live_states or withdrawn_states of [sources.{source.source}] has it."
        )
        yield Question(f"{STATE}{value}", text, (*options, ASIDE), is_needed=False)


def is_shown(value: str, n: int) -> bool:
    """Say whether a value may be shown: a short code, or words that stand in several rows; no address, no sentence."""
    words = re.findall(r"[A-Za-z]+", value)
    is_code = re.fullmatch(r"[A-Za-z0-9./-]{1,8}", value) is not None
    return value.isprintable() and (
        is_code or (n >= LEAST_ROWS and len(words) <= MOST_WORDS and not re.search(r"\d", value))
    )


def unread_of(match: Match, states: Mapping[str, str]) -> dict[str, int]:
    """Return the values of a match that nobody reads, with the rows of each; states that were told are read."""
    unread = match.fit.words.unread if match.fit.words else {}
    told = (
        {value for value, said in states.items() if said in (STANDS, GONE)}
        if match.role == "state"
        else set()
    )
    return {value: n for value, n in unread.items() if value not in told}


def say_unread(match: Match, states: Mapping[str, str]) -> str:
    """Return which values of a match are not read, and in how many rows each stands; of text how many values alone."""
    unread = unread_of(match, states)
    shown = [f"'{value}' ({n})" for value, n in unread.items() if is_shown(value, n)][:MOST_STATES]
    rest = len(unread) - len(shown)
    said = [*shown, *([f"{rest} more, not shown"] if rest else [])]
    return (
        f"{match.fit.share:.0%} of the values of {match.candidate.name} are read. Not read, with the rows they stand "
        f"in: {', '.join(said)}"
    )


def _no_points(export: Export, source: Source, area: Area) -> str:
    """Return what is said where no two columns are points of the area."""
    named = [
        name
        for name in export.header
        if is_coordinate(label_of(export, name), source) and numbers_of(export, name) is not None
    ]
    if len(named) < 2:  # noqa: PLR2004  x and y
        return "x and y"
    return (
        f"points in {area.name}: most of those in {' and '.join(named[:2])} lie outside it, so it is another area's "
        "export, or its coordinates are of a system that is not known here"
    )


def _is_placed_otherwise(matches: Sequence[Match]) -> bool:
    return any(match.role in IN_WORDS for match in matches)


def _name_of(matches: Sequence[Match], role: str) -> str:
    return next((match.candidate.name for match in matches if match.role == role), "")


def _points(
    export: Export, source: Source, area: Area, personal: Mapping[str, str], told: Mapping[str, str]
) -> tuple[Points | None, list[Question]]:
    """Return the coordinates where they are sure, else what has to be asked."""
    if not source.columns.x and _has_place_in_words(export, source):
        return None, []
    fit = [
        p
        for p in find_points(export, area)
        if not {*p.columns} & {*personal} and not any(map(_is_drawn_off, p.columns))
    ]
    ranked = sorted(fit, key=lambda points: -_score(points, source))
    if "points" in told:
        return next((p for p in ranked if say_points(p) == told["points"]), None), []
    if not ranked:
        return None, []
    best, rivals = (
        ranked[0],
        [p for p in ranked[1:] if _score(p, source) > _score(ranked[0], source) - POINTS_NEAR],
    )
    if best.share >= POINTS_SURE and not rivals and _is_of_the_place(best, export, source):
        return best, []
    options = (*(say_points(points) for points in ranked[:MOST_OPTIONS]), NONE)
    why = (
        f"only {best.share:.0%} of the points lie in {area.name}"
        if best.share < POINTS_SURE
        else "more than one pair lies there"
        if rivals
        else "their names do not say that they are of the place"
    )
    text = f"Which columns are the coordinates of the place? ({say_points(best)}: {why})"
    return None, [Question("points", text, options, is_needed=True)]


def _other_intents(export: Export, source: Source) -> Iterator[str]:
    """Yield what a hospital's export of all attendances lacks: that it holds assaults alone."""
    for name in export.header:
        n_values = export.cells(name).n_unique()
        if source.kind == "hospital" and {"injury", "intent"} <= {*words_of_name(name)} and n_values > 1:
            yield f"assaults alone ({name} has {n_values} values: ask for the attendances whose intent is an assault)"


def _has_place_in_words(export: Export, source: Source) -> bool:
    """Say whether a column is named as one that says the place, in words or by its centre."""
    scores = (
        score_of_role(name, role, source.kind, getattr(source.columns, role), is_time=False)
        for name in export.header
        for role in IN_WORDS
    )
    return max(scores, default=0.0) >= SURE_NAME


def _is_drawn_off(column: str) -> bool:
    return drawn_off(column) >= SURE_NAME


def _is_of_the_place(points: Points, export: Export, source: Source) -> bool:
    """Say whether columns are named as coordinates of the place: those of a person or a station lie in the area too."""
    if len(points.columns) == 1:
        return not SOMEBODY & {*words_of_name(points.columns[0])}
    return all(
        max(
            score_of_role(name, role, source.kind, getattr(source.columns, role), is_time=False)
            for role in ("x", "y")
            for name in (column, label_of(export, column))
        )
        >= SURE_NAME
        for column in points.columns
    )


def _score(points: Points, source: Source) -> float:
    """Return how likely points are the place: by where they lie, and by the names of their columns."""
    if len(points.columns) == 1:
        return points.share + 0.1
    names = [
        score_of_role(column, role, source.kind, getattr(source.columns, role), is_time=False)
        for column, role in zip(points.columns, ("x", "y"), strict=True)
    ]
    against = [
        score_of_role(column, role, source.kind, None, is_time=False)
        for column, role in zip(points.columns, ("y", "x"), strict=True)
    ]
    return points.share + 0.25 * (min(names) - min(against))


def say_points(points: Points) -> str:
    """Return which columns hold coordinates, in words."""
    if len(points.columns) == 1:
        order = "northing or latitude first" if points.is_y_first else "easting or longitude first"
        return f"{points.columns[0]} ({order}, {points.crs})"
    return f"{points.columns[0]} and {points.columns[1]} ({points.crs})"


def _in_order(matches: list[Match], zone: str, told: Mapping[str, str]) -> list[Match]:
    """Return the matches; the start and the end of events that do not follow on each other are doubted."""
    by_role = {match.role: match for match in matches}
    first = by_role.get("event_from")
    later = [by_role[r] for r in by_role if is_time(r) and r != "event_from"]
    if first is None or first.candidate.times is None:
        return matches
    wrong = {
        m.role
        for m in later
        if m.candidate.times
        and not (m.is_told and first.is_told)
        and _share_after(first.candidate, m.candidate, zone, told) < IN_ORDER
    }
    if not wrong:
        return matches
    doubted = {*wrong, *(["event_from"] if {"event_to", "fallback_at"} & wrong else [])}
    return [
        replace(m, doubt="its times are not in the order that they should be")
        if m.role in doubted and not m.is_told
        else m
        for m in matches
    ]


def _share_after(first: Candidate, later: Candidate, zone: str, told: Mapping[str, str]) -> float:
    """Return in which share of rows one time is not before another; 1 where that cannot be told yet."""
    at = [_instants(c, zone, told) for c in (first, later)]
    if any(a is None for a in at):
        return 1.0
    both = pl.DataFrame({"first": at[0], "later": at[1]}).drop_nulls()
    return 1.0 if both.is_empty() else float((both["first"] <= both["later"]).mean() or 0)  # type: ignore[arg-type]


def _instants(candidate: Candidate, zone: str, told: Mapping[str, str]) -> pl.Series | None:
    reading = _reading_of(candidate, told)
    if reading is None or reading.kind != "time":
        return None
    return candidate.rows.to_frame("at").select(parse_local("at", [reading.form], zone))["at"]


def _reading_of(candidate: Candidate, told: Mapping[str, str]) -> Reading | None:
    """Return how a candidate's times are read, where that is clear or was told."""
    times = candidate.times
    if times is None:
        return None
    said = told.get(f"times.{candidate.name}")
    if said:
        return next((r for r in (times.best, *times.rivals) if r.form == said), None)
    return times.best if times.is_clear else None


def _readings(matches: Sequence[Match], told: Mapping[str, str]) -> tuple[dict[str, Reading], list[Question]]:
    """Return how the times are read, and what has to be asked of them."""
    found, asked = dict[str, Reading](), list[Question]()
    for match in (m for m in matches if is_time(m.role) and m.candidate.times):
        reading, times = _reading_of(match.candidate, told), match.candidate.times
        if reading is not None:
            found[match.candidate.name] = reading
        elif times and f"times.{match.candidate.name}" not in told and not match.role.startswith("time:"):
            forms = tuple(dict.fromkeys(r.form for r in (times.best, *times.rivals)))
            why = (
                "All its hours are from 1 to 12, without morning or evening: ask for 24 hours."
                if times.is_half_day
                else "Its rows do not say."
            )
            text = f"How does {match.candidate.name} write its times? {why}"
            is_needed = match.role == "event_from"
            asked.append(Question(f"times.{match.candidate.name}", text, (*forms, NONE), is_needed))
    return _of_one_order(found, matches), asked


def _of_one_order(readings: dict[str, Reading], matches: Sequence[Match]) -> dict[str, Reading]:
    """Return the readings but those with day and month in another order than the event: one would be misread."""
    main = next((readings.get(m.candidate.name) for m in matches if m.role == "event_from"), None)
    if main is None:
        return readings
    other = _swapped(main.form)
    return {
        name: reading for name, reading in readings.items() if reading.form != other or other == main.form
    }


def _swapped(form: str) -> str:
    return form.translate(str.maketrans("dm", "md"))


def _about_roles(  # noqa: PLR0917  what was found, and what it is judged by
    matches: Sequence[Match],
    candidates: Sequence[Candidate],
    roles: Mapping[str, str],
    source: Source,
    area: Area,
    needed: Sequence[str],
    told: Mapping[str, str],
) -> Iterator[Question]:
    """Yield a question for each role that a column plays perhaps, and for each that is needed and has some choice."""
    sure = {m.candidate.name for m in matches if not m.doubt}
    doubted = {m.role: m for m in matches if m.doubt}
    open_roles = [r for r in roles if r in doubted or (r in needed and not any(m.role == r for m in matches))]
    for role in (r for r in open_roles if r in needed or not r.startswith("time:")):
        free = [c for c in candidates if c.name not in sure]
        options = rank(role, free, roles, source, area)[:MOST_OPTIONS]
        if not options and role in needed:
            options = rank(role, candidates, roles, source, area)[:MOST_OPTIONS]
        if role in told or not options:
            continue
        why = (
            f" ({doubted[role].candidate.name}: {doubted[role].doubt})"
            if role in doubted
            else " (no column is surely it)"
        )
        yield Question(role, f"Which column is {say_role(role)}?{why}", (*options, NONE), role in needed)


def say_role(role: str) -> str:
    """Return the name of a role, in words."""
    return f"the time {role.removeprefix('time:')}" if role.startswith("time:") else role


def examples(match: Match) -> tuple[str, ...]:
    """Return three values of a match, never free text: references by their form alone."""
    if match.role == "place_text":
        return ()
    values = match.candidate.cells.unique(maintain_order=True)
    if match.role in ("record_id", "incident_id"):
        form = (
            values.head(50)
            .str.replace_all(r"\d", "9")
            .str.replace_all(r"[A-Z]", "X")
            .str.replace_all(r"[a-z]", "x")
        )
        return tuple(form.unique(maintain_order=True).head(MOST_EXAMPLES))
    if match.fit.words is not None:
        return tuple(list(match.fit.words.read)[:MOST_EXAMPLES])
    if is_time(match.role) or match.role == "record_version":
        return tuple(values.head(MOST_EXAMPLES))
    return ()


def flag_words(matches: Sequence[Match]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the values that are yes and those that are no in all flags together."""
    read = [i for m in matches if m.role in FLAGS and m.fit.words for i in m.fit.words.read.items()]
    yes, no = ({said for said, here in read if here == which} for which in ("yes", "no"))
    return tuple(sorted(yes)), tuple(sorted(no))


def states_of(match: Match | None, source: Source) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the states with which a record stands, and those with which it was withdrawn."""
    if match is None or match.fit.words is None:
        return source.live_states, source.withdrawn_states
    said = [
        here
        for here in match.fit.words.read.values()
        if here not in source.live_states + source.withdrawn_states
    ]
    gone = [state for state in dict.fromkeys(said) if plain_word(state) in WITHDRAWN]
    live = [state for state in dict.fromkeys(said) if state not in gone]
    return (*source.live_states, *live), (*source.withdrawn_states, *gone)
