"""`nte onboard`: from an unknown export to a section of the area file that counts."""

import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cli.check import named_source
from cli.onboard_counts import show_counts
from cli.terminal import harmless, plain, say_line
from expectations.onboarding.exports import Export, join_exports, read_export
from expectations.onboarding.lost import what_is_lost, with_lost_roles
from expectations.onboarding.personal import find_personal
from expectations.onboarding.proposal import (
    Proposal,
    examples,
    is_time,
    propose,
    say_points,
    say_role,
    say_unread,
    unread_of,
)
from expectations.onboarding.section import (
    as_toml,
    differences,
    make_section,
    replace_section,
    was_written,
    write_section,
)
from expectations.onboarding.standards import standard_of
from nte.area import Area, Source
from nte.area_files import AREA_FILE, load_area
from nte.deliveries.inbox import safe_name
from nte.deliveries.kept_files import read_bytes
from nte.deliveries.packed import UnreadableDelivery
from nte.errors import AreaError, MisuseError, NteError
from nte.files import OPEN, write_text
from nte.settings import Settings

MOST_DIFFERENCES = 12
Ask = Callable[[str, tuple[str, ...]], str]


def onboard_files(  # noqa: PLR0917  each is said on the command line
    console: Console,
    settings: Settings,
    area: Area,
    files: Sequence[Path],
    name: str,
    sheet: str | None,
    now: datetime,
    *,
    ask: Ask | None,
    is_again: bool,
) -> bool:
    """Map exports of one kind, show what would be counted, write the section; say whether all that is needed is known.

    Raises MisuseError for a file that is not there or a source that the area does not have, NteError for a file that
    cannot be read.
    """
    source = named_source(name, area)
    text = (settings.area / AREA_FILE).read_text(encoding="utf-8")
    if was_written(text, name):
        source = with_lost_roles(source)
    export = _read(files, source, sheet)
    personal = find_personal(export, source, area)
    proposal = propose(export, source, area, personal, {})
    _show(console, proposal, export)
    if ask and proposal.questions and not proposal.missing:
        proposal = _asked(export, source, area, personal, ask)
        _show(console, proposal, export)
    if form := standard_of(export.header, source.kind):
        say_line(console, "form", "dim", f"{form.title}. Missing in it: {'; '.join(form.missing)}.")
    if not proposal.is_usable:
        _say_what_is_needed(console, proposal)
        return False
    facts = make_section(proposal, export, source, area)
    if was_written(text, name) and not is_again:
        _say_differences(console, tomllib.loads(text)["sources"][name], facts, name)
        return not personal
    about = f"From {export.n_rows} rows of {', '.join(safe_name(file.name) for file in files)}."
    text = replace_section(text, name, write_section(name, facts, proposal, about))
    with _tried(settings.area, text) as mapped:
        if personal:
            console.print(
                "Nothing is counted of it as long as it holds that: the real check would refuse it."
            )
        else:
            show_counts(console, mapped, files, name, now)
    write_text(settings.area / AREA_FILE, text, OPEN)
    console.print(
        harmless(f"Written to {settings.area / AREA_FILE}, [sources.{name}]."),
        highlight=False,
        soft_wrap=True,
    )
    return not personal


def _read(files: Sequence[Path], source: Source, sheet: str | None) -> Export:
    """Return the exports as one."""
    if lost := [file for file in files if not file.is_file()]:
        raise MisuseError(f"{lost[0]}: no such file.")
    exports, name = list[Export](), ""
    try:
        for file in files:
            name = safe_name(file.name)
            exports.append(read_export(read_bytes(file), source, sheet))
        return join_exports(exports)
    except UnreadableDelivery as problem:
        raise NteError(
            f"{name}: it cannot be read: {problem.reason}. Ask the provider for another export, or for one as CSV."
        ) from problem


def _asked(export: Export, source: Source, area: Area, personal: Mapping[str, str], ask: Ask) -> Proposal:
    """Return the proposal after its questions were asked; at once where an answer leaves nothing to be counted."""
    told = dict[str, str]()
    proposal = propose(export, source, area, personal, told)
    while not proposal.missing and (open_questions := [q for q in proposal.questions if q.key not in told]):
        question = open_questions[0]
        told[question.key] = ask(question.text, question.options)
        proposal = propose(export, source, area, personal, told)
    return proposal


def _show(console: Console, proposal: Proposal, export: Export) -> None:
    table = Table("for", "column", "sure", "such as", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for match in proposal.matches:
        reading = proposal.readings.get(match.candidate.name) if is_time(match.role) else None
        values = ", ".join(examples(match)) + (f"   read as {reading.form}" if reading else "")
        sure = "told" if match.is_told else f"{match.confidence:.0%}"
        table.add_row(
            *map(harmless, (say_role(match.role), " + ".join(match.candidate.columns), sure, values))
        )
    if points := proposal.points:
        table.add_row("x and y", harmless(say_points(points)), f"{points.share:.0%}", "")
    console.print(f"{export.n_rows} rows, {len(export.header)} columns", highlight=False)
    console.print(table)
    for match in (m for m in proposal.matches if unread_of(m, proposal.states)):
        say_line(console, "look", "yellow", say_unread(match, proposal.states))
    for column, kind in proposal.personal.items():
        say_line(
            console,
            "never",
            "red",
            f"{column}: {kind}. The provider must leave it out; the whole file is refused.",
        )
    for note in proposal.notes:
        say_line(console, "look", "yellow", f"{note}.")
    if proposal.unused:
        say_line(console, "not used", "dim", ", ".join(proposal.unused))
    for role, column in proposal.unfilled.items():
        perhaps = f"; perhaps {column}, whose values do not fit" if column else ""
        if lost := what_is_lost(role):
            say_line(console, "without", "yellow", f"{say_role(role)}: {lost}{perhaps}")
    for question in proposal.questions:
        say_line(
            console, "not sure", "yellow", f"{question.text} Perhaps: {', '.join(question.options[:-1])}"
        )


def _say_what_is_needed(console: Console, proposal: Proposal) -> None:
    open_ones = [question.key for question in proposal.questions if question.is_needed]
    parts = [f"not in it: {', '.join(proposal.missing)}"] if proposal.missing else []
    parts += [f"not sure: {', '.join(open_ones)}"] if open_ones else []
    said = f"Nothing was written: without these nothing can be counted ({'; '.join(parts)})."
    console.print(
        f"{plain(said)} Say it without --accept and answer, or ask the provider.",
        highlight=False,
        soft_wrap=True,
    )


def _say_differences(
    console: Console, now: Mapping[str, object], proposed: Mapping[str, object], name: str
) -> None:
    found = differences(now, proposed)
    for key, here, there in found[:MOST_DIFFERENCES]:
        said = f"{key}: the area file says {_said(here)}, this export would be mapped to {_said(there)}"
        say_line(console, "differs", "yellow", said)
    if len(found) > MOST_DIFFERENCES:
        say_line(console, "differs", "yellow", f"and {len(found) - MOST_DIFFERENCES} more")
    where = (
        f"differs in {len(found)} places"
        if len(found) > 1
        else "differs in 1 place"
        if found
        else "says the same"
    )
    said = f"[sources.{name}] was written before and {where}. It stays as it is; --again maps it anew."
    console.print(plain(said), highlight=False, soft_wrap=True, markup=False)


def _said(value: object) -> str:
    return "nothing" if value is None else as_toml(value)


@contextmanager
def _tried(folder: Path, text: str) -> Iterator[Area]:
    """Yield the area with a new area file, in a copy of its folder. Raises NteError where that cannot be loaded."""
    with tempfile.TemporaryDirectory() as copy:
        tried = Path(copy) / folder.name
        shutil.copytree(folder, tried)
        (tried / AREA_FILE).write_text(text, encoding="utf-8")
        try:
            mapped = load_area(tried)
        except AreaError as problem:
            raise NteError(
                f"Nothing was written: what this export was taken for makes no section that can be used ({problem}). "
                "Say it again and answer otherwise, or send the file to whoever looks after the service."
            ) from problem
        yield mapped
