"""From the bytes of one delivery to its verdict: pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from expectations.aside import NO_NIGHTS, common_point, nights_aside, shared_keys
from expectations.events import NO_EVENTS, is_doubled, is_held, n_twice, record_events, suspects
from expectations.evidence import gather_evidence
from expectations.manifest import Manifest, UnreadableManifest, read_manifest, usual_span
from expectations.messages import name_codes, rows
from expectations.other_years import of_an_earlier_year, of_another_year
from expectations.personal_data import Finding, find_in_raw_bytes, find_personal_data, tell_findings
from expectations.prints import NO_PRINTS, contradicted, record_prints
from expectations.rules import Limits, Outcome, Rule, Severity, file_rules, row_rules
from expectations.spans import Span, believed_span, told_of_span
from expectations.volume import PastVolume, judge_volume, volume_limits
from nte.area import Area, Source
from nte.deliveries.inbox import Arrival
from nte.deliveries.kept_files import FileChangedError
from nte.deliveries.local_times import says_dates_only
from nte.deliveries.packed import UnreadableDelivery, is_plain
from nte.deliveries.text import ROW_NUMBER, DeliveryText, read_delivery
from nte.words import DeliveryVerdict

ACCEPTED: Final = str(DeliveryVerdict.ACCEPTED)
WITH_QUARANTINE: Final = str(DeliveryVerdict.WITH_QUARANTINE)
REJECTED: Final = str(DeliveryVerdict.REJECTED)
ALREADY_SEEN: Final = str(DeliveryVerdict.ALREADY_SEEN)
HELD: Final = str(DeliveryVerdict.HELD)
PART_ROWS: Final = 100_000
"""Of a delivery with more rows so many are looked at at a time, so that it needs little memory."""
LEAST_ROWS_TO_CONDEMN: Final = 20
"""So many rows at fault, and more than half of all, and the fault is in the file, not in the rows."""
LEAST_ROWS_ALL_BAD: Final = 3
LIKELY_VERSION: Final = 1000
"""Times the highest version that is known; some providers number them by date."""
MOST_NAMES: Final = 6


@dataclass(frozen=True)
class Judgement:
    """What was decided about a delivery, and why."""

    verdict: str
    manifest: Manifest
    outcomes: tuple[Outcome, ...]
    """Every expectation that was tested, met or not."""
    quarantine: pl.DataFrame
    """row_number, rule, column_name of the rows set aside."""
    n_rows: int | None
    prints: pl.DataFrame
    """record_id, record_version, content_print of the versions that are used."""
    events: pl.DataFrame
    """record_id, incident_id, event_print, happened_at of the records that are used."""
    aside: pl.DataFrame = field(default_factory=NO_NIGHTS.clone)
    """evening, n_rows, n_untimed: of which nights the rows are that were set aside."""
    common_point: tuple[int, int] = (0, 0)
    """Incidents at the point that most are at, and incidents with a point."""
    findings: tuple[Finding, ...] = ()
    """Personal data: the delivery may not be kept."""
    is_searched: bool = True
    """False where it is no text: what cannot be searched for personal data may not be kept either."""

    @property
    def may_be_kept(self) -> bool:
        """Say whether the file may stay on this machine."""
        return self.is_searched and not self.findings

    @property
    def n_accepted(self) -> int:
        """Rows that are used."""
        return 0 if self.verdict in (REJECTED, HELD) else (self.n_rows or 0) - self.quarantine.height

    @property
    def failed(self) -> list[Outcome]:
        """The expectations that were not met."""
        return [outcome for outcome in self.outcomes if not outcome.is_met]


def with_contradictions(judgement: Judgement, before: pl.DataFrame) -> Judgement:
    """Return the judgement, with a warning when versions that came before have other content now."""
    n_changed = contradicted(judgement.prints, before)
    if not n_changed:
        return judgement
    rule = Rule("version_contradicted", "", Severity.WARNING)
    detail = "1 record version" if n_changed == 1 else f"{n_changed} record versions"
    return replace(judgement, outcomes=(*judgement.outcomes, Outcome(rule, is_met=False, detail=detail)))


def held_if_unknown(judgement: Judgement, before: pl.DataFrame) -> Judgement:
    """Return the judgement, held when its ids are not what they say; `before` are the events of other deliveries.

    None of its rows is used until somebody has said what they are: they would double what is known, or take its place.
    A file that has far too many rows because it sends again what is known is held for that, not refused for its size.
    """
    outcomes = _doubled(judgement)
    found = suspects(judgement.events, before)
    if is_held(found.n_known, found.n_new_ids, found.n_incidents):
        detail = f"{found.n_known} of {found.n_new_ids} incidents with new ids are known under other ids"
        outcomes.append(_critical("events_under_new_ids", detail))
    if is_held(found.n_moved, found.n_old_ids, found.n_records):
        detail = (
            f"{found.n_moved} of {found.n_old_ids} records with known ids are of another day than they were"
        )
        outcomes.append(_critical("ids_of_other_events", detail))
    if not outcomes:
        return judgement
    return replace(
        judgement,
        verdict=HELD,
        outcomes=(*(o for o in judgement.outcomes if o.rule.rule != "volume_extreme"), *outcomes),
        quarantine=quarantined_rows([]),
        prints=NO_PRINTS,
        events=NO_EVENTS,
        aside=NO_NIGHTS,
    )


def _doubled(judgement: Judgement) -> list[Outcome]:
    """Hold a file that has most of its events twice; one that was refused for its size stays so."""
    n, n_of = n_twice(judgement.events)
    if judgement.verdict == REJECTED or not is_doubled(n, n_of):
        return []
    return [_critical("events_twice", f"{n} of its {n_of} events stand in it more than once under other ids")]


def with_unlikely_version(judgement: Judgement, highest: int | None) -> Judgement:
    """Return the judgement, with a warning when a version is far beyond the `highest` that other deliveries brought.

    No correction could follow on it.
    """
    version = judgement.prints["record_version"].max()
    most = LIKELY_VERSION * max(highest or 1, 1)
    if not isinstance(version, int) or version <= most:
        return judgement
    n = judgement.prints.filter(pl.col("record_version") > most).height
    detail = f"{rows(n)} with a version of {len(str(version))} digits"
    rule = Rule("version_unlikely", "", Severity.WARNING)
    return replace(judgement, outcomes=(*judgement.outcomes, Outcome(rule, is_met=False, detail=detail)))


def judge_delivery(
    read: Callable[[], bytes],
    manifest_content: bytes | None,
    arrival: Arrival,
    area: Area,
    past: Sequence[PastVolume] = (),
    *,
    before: Sequence[Span] = (),
) -> Judgement:
    """Return the verdict on a delivery whose content `read` gives.

    `past` are the earlier daily deliveries of its source, oldest first; `before` are the spans that the deliveries
    before it account for. A file that brings the check itself down is
    refused: one file never stops another.
    """
    try:
        judgement = _judge_content(read, manifest_content, arrival, area, past)
        return _with_believed_span(judgement, arrival, area, before)
    except (MemoryError, FileChangedError):
        raise
    except Exception as problem:  # noqa: BLE001  whatever is in a file, it is a verdict on that file
        return _not_checked(type(problem).__name__, read, arrival, area)


def _with_believed_span(
    judgement: Judgement, arrival: Arrival, area: Area, before: Sequence[Span]
) -> Judgement:
    """Return the judgement with the span that is believed, and what is to be said of it."""
    claim = judgement.manifest
    is_used = judgement.verdict in (ACCEPTED, WITH_QUARANTINE)
    happened = judgement.events["happened_at"] if is_used else None
    believed = believed_span(claim, arrival, area, happened, before)
    told = told_of_span(claim, believed, arrival, area)
    return replace(judgement, manifest=believed, outcomes=(*judgement.outcomes, *told))


def _not_checked(kind_of_error: str, read: Callable[[], bytes], arrival: Arrival, area: Area) -> Judgement:
    """Refuse a file that could not be checked; the text of the error might quote a cell, so its kind alone is told."""
    content = read()
    found = find_in_raw_bytes(content, area)
    outcomes = [_critical("not_checked", kind_of_error), *_personal(found)]
    refused = _rejected(outcomes, usual_span(arrival, area), found=found)
    return replace(refused, is_searched=is_plain(content))


def _judge_content(
    read: Callable[[], bytes],
    manifest_content: bytes | None,
    arrival: Arrival,
    area: Area,
    past: Sequence[PastVolume],
) -> Judgement:
    source, usual = area.sources[arrival.source], usual_span(arrival, area)
    try:
        text = read_delivery(read(), source)
    except UnreadableDelivery as problem:
        found = find_in_raw_bytes(read(), area)
        unread = _critical("unreadable" if problem.is_text else "not_text", problem.reason)
        refused = _rejected([unread, *_personal(found)], usual, found=found)
        return replace(refused, is_searched=problem.is_text)
    found = find_personal_data(text, source, area, arrival.first_date)
    n_rows = text.frame.height
    if found:
        return _rejected(_personal(found), usual, n_rows, found)
    try:
        manifest = read_manifest(manifest_content, arrival, area)
    except UnreadableManifest as problem:
        return _rejected([_critical("manifest_unreadable", str(problem))], usual, n_rows)
    if n_rows == 0 and manifest.n_declared is None:
        return _rejected([_critical("rows_none")], manifest, n_rows)
    text = text.without(
        [n for n in text.frame.columns if n.startswith("column_")] + list(source.unused_columns)
    )
    return _judge_text(text, manifest, arrival, area, past)


def _judge_text(
    text: DeliveryText, manifest: Manifest, arrival: Arrival, area: Area, past: Sequence[PastVolume]
) -> Judgement:
    source, n_rows = area.sources[arrival.source], text.frame.height
    usual_rows = None if arrival.is_history else volume_limits(arrival.first_date, past)
    limits = Limits(
        known_at=arrival.known_at,
        n_declared=manifest.n_declared,
        least_rows=usual_rows[0] if usual_rows else None,
        most_rows=usual_rows[1] if usual_rows else None,
    )
    outcomes = _test(text, source, area, limits)
    if all(o.is_met for o in outcomes if o.rule.rule == "columns_missing"):
        outcomes += shared_keys(text, source)
    quarantine = quarantined_rows(outcomes)
    outcomes += _unknown_columns(text, source)
    if not arrival.is_history:
        outcomes += judge_volume(arrival.first_date, n_rows, past)
    outcomes += _condemn(quarantine, n_rows)
    outcomes = of_another_year(text, quarantine, arrival, area) + outcomes
    critical = {o.rule.rule for o in outcomes if o.rule.severity is Severity.CRITICAL and not o.is_met}
    if critical == {"volume_extreme"}:
        return replace(
            _rejected(outcomes, manifest, n_rows), events=record_events(text, quarantine, source, area)
        )
    if critical:
        return _rejected(outcomes, manifest, n_rows)
    outcomes += _dates_only(text, source)
    verdict = WITH_QUARANTINE if quarantine.height else ACCEPTED
    prints = record_prints(text, quarantine, source)
    events = record_events(text, quarantine, source, area)
    if early := of_an_earlier_year(events["happened_at"], arrival):
        return _rejected([*early, *outcomes], manifest, n_rows)
    aside = NO_NIGHTS if arrival.is_history else nights_aside(text, quarantine, manifest, source, area)
    common = common_point(text, quarantine, source)
    return Judgement(verdict, manifest, tuple(outcomes), quarantine, n_rows, prints, events, aside, common)


def _test(text: DeliveryText, source: Source, area: Area, limits: Limits) -> list[Outcome]:
    """Return the outcomes of the source's suite; where columns are missing, of its rules for the file alone."""
    from expectations.suites import validate  # takes seconds

    name, rules = suite_name(source, limits), file_rules(source, limits)
    there = {*text.frame.columns, *text.read_past}
    missing = [column for column in source.required_columns if column not in there]
    if missing:
        outcomes = validate(name, text.frame, rules, limits)
    else:
        outcomes = _test_by_parts(name, text, [*rules, *row_rules(source, area)], source, area, limits)
    return [o if o.is_met else _with_detail(o, text, limits, missing) for o in outcomes]


def _test_by_parts(  # noqa: PLR0917  a suite, what it is tested on, and by what
    name: str, text: DeliveryText, rules: list[Rule], source: Source, area: Area, limits: Limits
) -> list[Outcome]:
    """Return the outcome of each rule; of a very large delivery a part of the rows is looked at at a time.

    Where a column of times may have one of several formats, all its rows say which: then it is looked at as a whole.
    """
    from expectations.suites import validate  # takes seconds

    if text.frame.height <= PART_ROWS or len(source.time_formats) > 1:
        return validate(name, gather_evidence(text, source, area), rules, limits)
    by_row = [rule for rule in rules if rule.is_by_row]
    of_all = [rule for rule in rules if not rule.is_by_row]
    columns = {ROW_NUMBER, *(column for rule in of_all for column in rule.columns)}
    found, narrow = list[list[Outcome]](), list[pl.DataFrame]()
    for part in text.parts(PART_ROWS):
        evidence = gather_evidence(part, source, area)
        found.append(validate(name, evidence, by_row, limits))
        narrow.append(evidence.select(sorted(columns)))
    outcomes = {o.rule: o for o in validate(f"{name}, as a whole", pl.concat(narrow), of_all, limits)}
    for of_rule in zip(*found, strict=True):
        rows = tuple(row for outcome in of_rule for row in outcome.rows)
        rule = of_rule[0].rule
        outcomes[rule] = Outcome(rule, is_met=all(o.is_met for o in of_rule), rows=rows)
    return [outcomes[rule] for rule in rules]


def suite_name(source: Source, limits: Limits) -> str:
    """Return the name of the suite that a delivery of this source meets."""
    if limits.n_declared is not None:
        return f"{source.source}, with a manifest"
    return f"{source.source}, by its usual volume" if limits.most_rows is not None else source.source


def _with_detail(outcome: Outcome, text: DeliveryText, limits: Limits, missing: list[str]) -> Outcome:
    n_rows = text.frame.height
    match outcome.rule.rule:
        case "columns_missing":
            return replace(outcome, detail=_tell_missing(missing, text))
        case "rows_not_as_declared":
            return replace(outcome, detail=f"{rows(n_rows)}, its manifest says {limits.n_declared}")
        case "volume_extreme":
            usual = f"{limits.least_rows} to {limits.most_rows}"
            return replace(outcome, detail=f"{rows(n_rows)}, where this weekday can bring {usual}")
        case "code_unknown":
            at_fault = text.frame.filter(pl.col(ROW_NUMBER).is_in(list(outcome.rows)))[outcome.rule.column]
            return replace(outcome, detail=name_codes(at_fault.drop_nulls().unique().sort()))
    return outcome


def _tell_missing(missing: list[str], text: DeliveryText) -> str:
    n_there = text.frame.width + len(text.read_past) - 1
    known = [name for name in text.frame.columns if name != ROW_NUMBER and not name.startswith("column_")]
    if not set(missing) - {*text.frame.columns, *text.read_past} and n_there == 0:
        return "it has no columns"
    what = (
        f"the column {missing[0]} is missing" if len(missing) == 1 else f"{len(missing)} columns are missing"
    )
    more = ", …" if len(missing) > MOST_NAMES else ""
    names = "" if len(missing) == 1 else f" ({', '.join(missing[:MOST_NAMES])}{more})"
    hint = (
        "; it may have another delimiter, or no header"
        if n_there < len(missing) or (n_there and not known)
        else ""
    )
    return f"{what}{names}{hint}"


def _unknown_columns(text: DeliveryText, source: Source) -> list[Outcome]:
    """Warn of columns that the contract does not name, by their place: their names are the provider's."""
    contract = {*source.required_columns, *source.optional_columns}
    places = [str(i + 1) for i, name in enumerate(text.header) if name not in contract]
    if not places:
        return []
    count = "1 column" if len(places) == 1 else f"{len(places)} columns"
    detail = f"{count} that the contract does not name (number {', '.join(places[:10])})"
    return [Outcome(Rule("columns_unknown", "", Severity.WARNING), is_met=False, detail=detail)]


def _dates_only(text: DeliveryText, source: Source) -> list[Outcome]:
    """Warn of a delivery whose times are dates: its rows are kept, and placed in no night."""
    if not says_dates_only(text.frame, source):
        return []
    rule = Rule("times_at_midnight", source.columns.event_from, Severity.WARNING)
    return [Outcome(rule, is_met=False, detail=f"most times in {source.columns.event_from}")]


def quarantined_rows(outcomes: Sequence[Outcome]) -> pl.DataFrame:
    """Return the rows set aside, each with the first rule that it did not meet."""
    reasons: dict[int, tuple[str, str]] = {}
    for outcome in outcomes:
        if outcome.rule.severity is Severity.ERROR:
            for row in outcome.rows:
                reasons.setdefault(row, (outcome.rule.rule, outcome.rule.column))
    numbers = sorted(reasons)
    return pl.DataFrame(
        {
            ROW_NUMBER: numbers,
            "rule": [reasons[n][0] for n in numbers],
            "column_name": [reasons[n][1] for n in numbers],
        },
        schema={ROW_NUMBER: pl.Int64, "rule": pl.String, "column_name": pl.String},
    )


def _condemn(quarantine: pl.DataFrame, n_rows: int) -> list[Outcome]:
    """Reject a delivery most of whose rows are at fault: what is left would look like a quiet night."""
    n_bad = quarantine.height
    is_all = n_bad == n_rows >= LEAST_ROWS_ALL_BAD
    if not is_all and not (n_bad >= LEAST_ROWS_TO_CONDEMN and n_bad * 2 > n_rows):
        return []
    (rule, column), n_most = Counter(quarantine.select("rule", "column_name").iter_rows()).most_common(1)[0]
    said = f"{rule.replace('_', ' ')}{f' in {column}' if column else ''}"
    return [_critical("most_rows_at_fault", f"{n_bad} of {n_rows} rows are at fault ({n_most} by {said})")]


def _critical(rule: str, detail: str = "") -> Outcome:
    return Outcome(Rule(rule, "", Severity.CRITICAL), is_met=False, detail=detail)


def _personal(found: Sequence[Finding]) -> list[Outcome]:
    return [_critical("personal_data", tell_findings(found))] if found else []


def _rejected(
    outcomes: Sequence[Outcome],
    manifest: Manifest,
    n_rows: int | None = None,
    found: Sequence[Finding] = (),
) -> Judgement:
    none = quarantined_rows([])
    return Judgement(
        REJECTED, manifest, tuple(outcomes), none, n_rows, NO_PRINTS, NO_EVENTS, findings=tuple(found)
    )
