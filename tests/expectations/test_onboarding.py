"""Exports that look like nothing in the contract: what is certain is mapped right, the rest is asked, nothing is guessed."""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from pyproj import Transformer
from rich.console import Console
from typer.testing import CliRunner

from bench.onboard import (
    AMBIGUOUS,
    DAY_FIRST,
    NICHE,
    ROWS,
    Case,
    Result,
    Row,
    as_csv,
    as_xlsx,
    cases,
    judge,
    make,
    police_rows,
    replaced,
    required,
)
from cli.main import app
from cli.onboard import onboard_files
from expectations.contract.example import example_rows
from expectations.judging import judge_delivery
from expectations.onboarding.candidates import find_candidates
from expectations.onboarding.codes import (
    PLACE_WORDS,
    reads_age_group,
    reads_code,
    reads_words,
    written_alike,
)
from expectations.onboarding.exports import join_exports, read_export
from expectations.onboarding.headers import score_of_role
from expectations.onboarding.personal import find_personal
from expectations.onboarding.proposal import (
    GONE,
    NONE,
    STANDS,
    Proposal,
    Question,
    is_shown,
    propose,
    say_unread,
    unread_of,
)
from expectations.onboarding.section import MARK, make_section, replace_section, write_section
from expectations.onboarding.standards import standard_of, standards
from expectations.onboarding.times import read_times
from nte.area import Area, Columns, Source
from nte.area_files import load_area
from nte.deliveries.inbox import arrival_at
from nte.deliveries.local_times import parse_local
from nte.deliveries.made_columns import with_made_columns
from nte.deliveries.text import read_delivery
from nte.errors import MisuseError, NteError
from nte.settings import Settings
from tests.areas import AREAS, DERBYSHIRE
from tests.expectations.house import DAY

CASES = list(cases())
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def results(area: Area) -> dict[str, Result]:
    """What becomes of each case, worked out once."""
    return {case.what: judge(case, area) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_no_column_is_taken_for_another_and_none_is_lost_in_silence(
    case: Case, results: dict[str, Result]
) -> None:
    result = results[case.what]
    assert (result.wrong, result.lost) == ((), ())
    assert case.asked - {"times"} <= {*result.asked}
    assert bool(case.asked) == bool(set(result.asked) - {"event_to"})


def test_nearly_all_that_is_needed_is_found_without_asking(area: Area, results: dict[str, Result]) -> None:
    needed = [(case, role) for case in CASES for role in required(case, area)]
    right = sum(role in results[case.what].right for case, role in needed)
    assert right / len(needed) >= 0.95
    assert len(CASES) >= 40


@pytest.mark.parametrize(
    "case", [c for c in CASES if not c.asked & {"times", "event_from"}], ids=lambda c: c.what
)
def test_by_the_section_that_is_written_every_row_says_what_it_said(case: Case, area: Area) -> None:
    """Times, points and codes of the export are those of the rows that it was made of."""
    source = area.sources[case.source]
    export = read_export(case.content, source)
    proposal = propose(export, source, area, find_personal(export, source, area), {})
    mapped = Source.model_validate(make_section(proposal, export, source, area))
    frame, rows = read_delivery(case.content, mapped).frame, ROWS[case.source]()
    event = {"police": "committed_from", "emas": "call_connect_at", "ae": "assault_at"}[case.source]
    at = frame.select(parse_local(mapped.columns.event_from, mapped.time_formats, "Europe/London"))
    for found, row in zip(at.to_series(), rows, strict=True):
        said = row[event]
        assert isinstance(said, datetime)
        zone = ZoneInfo("UTC") if case.form.endswith("Z") else LONDON
        assert abs((found - said.replace(tzinfo=zone)).total_seconds()) < 60
    if mapped.columns.x and mapped.columns.y and "easting" in rows[0]:
        to_area = Transformer.from_crs(mapped.crs or area.places.crs, area.places.crs, always_xy=True)
        points = frame.select(pl.col(mapped.columns.x, mapped.columns.y).cast(pl.Float64)).to_numpy()
        x, y = to_area.transform(points[:, 0], points[:, 1])
        assert all(abs(a - float(str(row["easting"]))) < 5 for a, row in zip(x, rows, strict=True))
        assert all(abs(a - float(str(row["northing"]))) < 5 for a, row in zip(y, rows, strict=True))
    if mapped.columns.offence_code and case.source == "police":
        assert frame[mapped.columns.offence_code].to_list() == [row["ho_code"] for row in rows]


@pytest.mark.parametrize(
    "what", ["date and time in two columns", "a point in words, latitude first", "padded codes"]
)
def test_what_is_asked_of_such_a_provider_is_what_they_send(what: str, area: Area) -> None:
    case = next(case for case in CASES if case.what == what)
    source = area.sources["police"]
    export = read_export(case.content, source)
    section = make_section(propose(export, source, area, {}, {}), export, source, area)
    mapped = Source.model_validate(section | {"source": "police"})
    own = area.model_copy(update={"sources": area.sources | {"police": mapped}})
    rows = example_rows(mapped, own, DAY)
    assert set(rows[0]) == set(export.header)
    arrival = arrival_at(Path(f"police_{DAY}.csv"), mapped, own)
    assert arrival
    table: list[list[object]] = [[*rows[0]]]
    table += [[*row.values()] for row in rows]
    text = as_csv(table)
    judged = judge_delivery(lambda: text, b'{"rows": 10}', arrival, own)
    assert (judged.verdict, [o.rule.rule for o in judged.failed]) == ("accepted", [])


@pytest.mark.parametrize("cells", [["46105", "46106", "46107"], ["24/03/2026", "25/03/2026"]])
def test_days_without_hours_are_never_taken_for_times(cells: list[str], area: Area) -> None:
    table: list[list[object]] = [["Crime No", "Offence Date"]]
    table += [[f"C{n}", cells[n % len(cells)]] for n in range(30)]
    source = area.sources["police"]
    proposal = propose(read_export(as_csv(table), source), source, area, {}, {})
    assert proposal.match("event_from") is None
    assert any("dates without hours" in question.text for question in proposal.questions)


UNCLEAR = {
    "no day over 12": ["03/04/2026 22:10", "05/06/2026 01:10"],
    "a mixture": ["13/04/2026 22:10", "14/04/2026 22:10", "04/15/2026 22:10"],
    "two-figure years first or last": ["24-03-26 22:10", "25-03-26 22:10"],
    "half days": [f"24/03/2026 {n % 12 + 1:02}:{n:02}" for n in range(40)],
}


@pytest.mark.parametrize("cells", UNCLEAR.values(), ids=UNCLEAR)
def test_day_and_month_are_never_guessed(cells: list[str]) -> None:
    readings = read_times(pl.Series("at", cells), "Europe/London")
    assert readings
    assert not readings.is_clear


@pytest.mark.parametrize(
    ("hour", "is_its_own"),
    [("Offence Start Time", True), ("Time", True), ("Offence End Time", False), ("Offence Rpt Time", False)],
)
def test_a_date_is_joined_with_a_time_of_day_of_its_own_alone(
    hour: str, area: Area, *, is_its_own: bool
) -> None:
    table: list[list[object]] = [["Crime No", "Offence Date", hour]]
    table += [[f"C{n}", f"{n + 1}/03/2026", f"{n % 24:02}:10"] for n in range(28)]
    export = read_export(as_csv(table), area.sources["police"])
    assert any(c.is_joined for c in find_candidates(export, "Europe/London")) is is_its_own


def pairs(*header: str) -> bytes:
    """Return an export of crimes with these columns of dates and times, each pair a start and an end 20 minutes later."""
    table: list[list[object]] = [["Crime No", "HO Class", *header, "Grid Ref E", "Grid Ref N"]]
    for n in range(28):
        at = datetime(2026, 3, n + 1, n % 23, 10)  # noqa: DTZ001  text alone
        last = at.replace(minute=30)
        cells = [
            f"{last if {*name.lower().split()} & {'last', 'to', 'end', 'two'} else at:{'%d/%m/%Y' if 'Date' in name else '%H:%M'}}"
            for name in header
        ]
        table.append([f"26*{n}/1", "008N", *cells, 435300 + n, 336200 + n])
    return as_csv(table)


def proposed(content: bytes, area: Area, told: dict[str, str]) -> Proposal:
    return propose(read_export(content, area.sources["police"]), area.sources["police"], area, {}, told)


@pytest.mark.parametrize(
    "header",
    [("Date First Committed", "Time First", "Date Last Committed", "Time Last"),
     ("Date First Committed", "Date Last Committed", "Time First", "Time Last"),
     ("Committed From Date", "Start Time", "Committed To Date", "End Time"),
     ("Date From", "Time From", "Date To", "Time To")],
)  # fmt: skip
def test_the_first_and_the_last_date_get_their_own_times(header: tuple[str, ...], area: Area) -> None:
    proposal = proposed(pairs(*header), area, {})
    found = {
        role: match.candidate.columns
        for role in ("event_from", "event_to")
        if (match := proposal.match(role))
    }
    days, hours = ([n for n in header if which in n] for which in ("Date", "Time"))
    assert found == {"event_from": (days[0], hours[0]), "event_to": (days[1], hours[1])}
    assert {q.key for q in proposal.questions} & {"event_from", "event_to", "incident_id", "points"} == set()


def test_which_column_has_the_time_of_a_date_is_asked_first_and_no_answer_is_a_dead_end(area: Area) -> None:
    export = pairs("Offence Date", "Clock one", "Clock two")
    asked = proposed(export, area, {})
    assert asked.questions[0].key == "time_of.Offence Date"
    assert asked.questions[0].options == ("Clock one", "Clock two", NONE)
    joined = proposed(export, area, {"time_of.Offence Date": "Clock one", "event_from": "Offence Date"})
    match = joined.match("event_from")
    assert match
    assert match.candidate.columns == ("Offence Date", "Clock one")
    refused = proposed(export, area, {"time_of.Offence Date": NONE, "event_from": "Offence Date"})
    assert refused.missing[0].startswith("event_from (Offence Date holds dates without hours")


def test_an_answer_after_which_nothing_can_be_counted_is_the_last(tmp_path: Path) -> None:
    folder, file = home_of(tmp_path), tmp_path / "extract.csv"
    file.write_bytes(pairs("Offence Date", "Offence End Date"))
    asked = list[str]()

    def ask(question: str, options: tuple[str, ...]) -> str:
        asked.append(question)
        return options[0]

    settings, before = Settings(area=folder, home=tmp_path / "home"), (folder / "area.toml").read_bytes()
    console = Console(record=True, width=400)
    assert not onboard_files(
        console, settings, load_area(folder), [file], "police", None, datetime(2026, 5, 1, 9, tzinfo=LONDON),
        ask=ask, is_again=False,
    )  # fmt: skip
    text = console.export_text()
    assert len(asked) == 1
    assert text.index("28 rows") < text.index(
        "Offence Date holds dates without hours, which say no night; ask for its time"
    )
    assert (folder / "area.toml").read_bytes() == before


def test_a_coordinate_is_offered_for_no_reference_and_points_of_another_area_are_called_so(
    area: Area,
) -> None:
    export = pairs("Date From", "Time From").replace(b",4353", b",6353")
    proposal = proposed(export, area, {})
    assert proposal.missing == (
        f"points in {area.name}: most of those in Grid Ref E and Grid Ref N lie outside it, so it is another area's "
        "export, or its coordinates are of a system that is not known here",
    )
    assert not any("Grid Ref" in option for q in proposal.questions for option in q.options)


@pytest.mark.parametrize("form", ["%y/%m/%d %H:%M", "%d/%m/%y %H:%M", "%y-%m-%d %H:%M"])
def test_two_figure_years_stand_where_they_do_not_scatter_over_decades(form: str) -> None:
    cells = [datetime(2026, 3, day, 22, 10).strftime(form) for day in range(1, 29)]  # noqa: DTZ001  text alone
    readings = read_times(pl.Series("at", cells), "Europe/London")
    assert readings
    assert (readings.is_clear, readings.best.form) == (True, form)


@pytest.mark.parametrize(
    ("x", "y"), [("Aggrieved Easting", "Aggrieved Northing"), ("COMPL_X", "COMPL_Y"), ("Geo1", "Geo2")]
)
def test_points_in_the_area_are_asked_for_where_their_names_do_not_say_the_place(
    x: str, y: str, area: Area
) -> None:
    names = NICHE | {"easting": x, "northing": y}
    source = area.sources["police"]
    proposal = propose(read_export(make("", "police", names=names).content, source), source, area, {}, {})
    assert proposal.points is None
    assert "points" in {question.key for question in proposal.questions}


@pytest.mark.parametrize(
    ("said", "here"),
    [("Public place - street", "public_place"), ("Bus/train station", "transport"), ("Home of Jane Zebedee", None),
     ("12 Zebedee Road", None), ("12 Station Road", None)],
)  # fmt: skip
def test_a_kind_of_place_is_read_but_never_a_name_or_an_address(said: str, here: str | None) -> None:
    assert reads_words({}, PLACE_WORDS)(said) == here


def test_codes_with_free_text_behind_them_are_neither_taken_nor_shown(area: Area) -> None:
    rows = [
        row | {"ho_code": f"{row['ho_code']} - hit by Q{n} Zebedee"} for n, row in enumerate(police_rows())
    ]
    source = area.sources["police"]
    export = read_export(make("", "police", names=NICHE, rows=rows).content, source)
    assert propose(export, source, area, {}, {}).match("offence_code") is None


RARE = {"004.2": "4.2", "010A": "10A", "8n": "8N", "8 N": "8N", "0037.2 - Death": "37.2", " 1": "1", "042": "42", "4 2": "4 2"}  # fmt: skip


def test_a_code_that_the_sample_has_not_is_read_in_the_way_of_the_others(area: Area) -> None:
    """The gravest are the rarest; and no two codes fall together."""
    case = next(case for case in CASES if case.what == "padded codes")
    source = area.sources["police"]
    export = read_export(case.content, source)
    mapped = Source.model_validate(make_section(propose(export, source, area, {}, {}), export, source, area))
    column = str(mapped.columns.offence_code)
    frame = with_made_columns(pl.DataFrame({column: [*RARE]}), mapped)
    assert frame[column].to_list() == [*RARE.values()]


def test_a_word_that_the_sample_has_not_is_written_as_the_others_are() -> None:
    known = ("assault", "sexual_assault", "stab_wound", "4.2", "42")
    read = reads_code(known)
    assert written_alike({"Sexual Assault": "sexual_assault"}, known, read) == {
        "Sexual Assault": "sexual_assault", "Assault": "assault", "Stab Wound": "stab_wound", "4 2": "4.2",
    }  # fmt: skip


def test_words_are_not_compared_as_codes_are(area: Area) -> None:
    emas = area.sources["emas"].model_copy(update={"plain_codes": True})
    wrong = area.model_copy(update={"sources": area.sources | {"emas": emas}})
    with pytest.raises(ValueError, match=r"sources.emas.plain_codes: '.*' is no code in capitals"):
        Area.model_validate(wrong.model_dump(by_alias=True))


def test_what_was_left_out_is_asked_again_and_what_is_lost_without_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = home_of(tmp_path), tmp_path / "extract.csv"
    header = [
        "ED Attendance ID",
        "Dept",
        "Date of Assault",
        "Time of Assault",
        "Where did it happen",
        "Mechanism",
    ]
    table: list[list[object]] = [[*header]]
    ways = ("Punched/kicked", "Knife", "Odd")
    table += [
        [f"ED/{n}", ("RTG", "RFS")[n % 2], f"{n + 1}/03/2026", "22:10", "The Loom", ways[n % 3]]
        for n in range(28)
    ]
    file.write_bytes(as_csv(table))
    first = said_by(monkeypatch, folder, str(file), "--source", "ae")[1]
    again = said_by(monkeypatch, folder, str(file), "--source", "ae", "--again")[1]
    for text in map(flat, (first, again)):
        assert "not sure Which column is site_code? (Dept: its name does not say so) Perhaps: Dept" in text
        assert "without fallback_at: a record whose event has no time is in no night" in text
        assert "Not read, with the rows they stand in: 'Odd' (9)" in text
    written = (folder / "area.toml").read_text("utf-8").split("[sources.ae]")[1]
    assert "daily_pattern" in written


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_state_that_no_word_tells_is_named_and_asked_and_never_silent(area: Area) -> None:
    rows = police_rows()
    said = {"cancelled": "Cancelled - No Crime", "transferred": "Passed on"}
    rows = [row | {"status": said.get(str(row["status"]), "Recorded")} for row in rows]
    rows = [row | {"status": "Passed on"} if n in (1, 2, 3) else row for n, row in enumerate(rows)]
    source = area.sources["police"]
    export = read_export(make("", "police", names=NICHE, rows=rows).content, source)
    proposal = propose(export, source, area, {}, {})
    asked = {q.key: q for q in proposal.questions}
    assert asked["state.Cancelled - No Crime"].options[0] == GONE
    assert "says 'Passed on' in 3 rows" in asked["state.Passed on"].text
    state = proposal.match("state")
    assert state
    assert "'Passed on' (3)" in say_unread(state, {})
    assert unread_of(state, {"Passed on": STANDS}).keys() == {"Cancelled - No Crime"}
    told = {"state.Cancelled - No Crime": GONE, "state.Passed on": STANDS}
    section = make_section(propose(export, source, area, {}, told), export, source, area)
    assert "Cancelled - No Crime" in section["withdrawn_states"]
    assert "Passed on" in section["live_states"]


@pytest.mark.parametrize(
    ("value", "n", "may"),
    [
        ("Filed", 9, True),
        ("NFA", 1, True),
        ("Filed\nno = 1", 9, False),
        ("Home of Jane Zebedee", 1, False),
        ("12 Zebedee Road", 9, False),
    ],
)
def test_of_what_is_not_read_no_name_and_no_address_is_shown(value: str, n: int, *, may: bool) -> None:
    assert is_shown(value, n) is may


def test_a_name_of_two_lines_ends_no_comment(area: Area) -> None:
    asked = (Question("incident_id", "Is it Odd\n[a]?", (NONE,), is_needed=False),)
    proposal = replace(proposed(pairs("Date From", "Time From"), area, {}), questions=asked)
    written = write_section("police", {"kind": "police"}, proposal, "From it.")
    assert tomllib.loads(written) == {"sources": {"police": {"kind": "police"}}}


def test_an_age_band_with_a_name_beside_is_none() -> None:
    assert [*map(reads_age_group, ("18-24 years", "aged 35+", "18-24 J. Zebedee", "2026-03-01"))] == [
        *("18_24", "25_and_over", None, None)
    ]


@pytest.mark.parametrize("name", ["NOMINAL_ID", "Victim URN", "Previous HO Class", "Initial HO Code"])
def test_a_persons_number_is_no_key_and_an_earlier_code_is_not_the_code(name: str, area: Area) -> None:
    rows = police_rows()
    table: list[list[object]] = [["Offence Start", name]]
    table += [
        [row["committed_from"], row["ho_code"] if "HO" in name else 71000 + n] for n, row in enumerate(rows)
    ]
    source = area.sources["police"]
    proposal = propose(read_export(as_csv(table), source), source, area, {}, {})
    assert name in proposal.unused


@pytest.mark.parametrize(
    ("name", "role"),
    [("Offence End", "event_from"), ("Date Reported", "event_from"), ("Altitude", "y"), ("Incident No", "record_id"),
     ("Non-domestic flag", "is_domestic"), ("Suspect Age Band", "age_group"), ("Westing", "x")],
)  # fmt: skip
def test_a_name_that_is_nearly_another_is_not_sure(name: str, role: str) -> None:
    assert score_of_role(name, role, "police", None, is_time=role == "event_from") < 0.88


def proposal_of(file: Path, area: Area) -> Proposal:
    return proposed(file.read_bytes(), area, {})


def home_of(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DERBYSHIRE, tmp_path / "derbyshire"))


def said_by(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> tuple[int, str]:
    monkeypatch.setenv("NTE_AREA", str(folder))
    monkeypatch.setenv("NTE_HOME", str(folder.parent / "home"))
    result = CliRunner().invoke(app, ["onboard", *words, "--accept", "--now", "2026-05-01T09:00"])
    if isinstance(result.exception, NteError):
        raise result.exception
    return result.exit_code, result.output


def n_counted(rows: list[Row]) -> int:
    """Count by hand: an incident is of the night of its earliest crime that counts, if that is at night."""
    firsts: dict[object, datetime] = {}
    for row in rows:
        is_violence = row["ho_code"] not in ("8L", "90") and (
            row["ho_code"] != "3B" or row["flag_knife"] == "Y"
        )
        start, end = row["committed_from"], row["committed_to"]
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        if is_violence and row["status"] != "cancelled" and row["flag_domestic"] != "Y":
            middle = start + (end - start) / 2
            firsts[row["occurrence_ref"]] = min(middle, firsts.get(row["occurrence_ref"], middle))
    return sum(at.hour >= 18 or at.hour < 6 for at in firsts.values())


def test_an_unknown_workbook_becomes_a_section_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = home_of(tmp_path), tmp_path / "Crime extract 1.xlsx"
    table = make("", "police", names=NICHE, is_typed=True, write=lambda t: as_xlsx(t, [["Extract"], []]))
    file.write_bytes(table.content)
    before = (folder / "area.toml").read_text("utf-8")
    code, text = said_by(monkeypatch, folder, str(file), "--source", "police")
    assert code == 0
    assert "police_2026-03-20_2026-04-03.xlsx: 60 rows used." in text
    assert f"{n_counted(police_rows())} incidents count in 12 nights:" in text
    assert "not counted  20 rows: domestic" in text
    assert "Somebody" not in text
    after = (folder / "area.toml").read_text("utf-8")
    assert load_area(folder).sources["police"].columns.event_from == "Offence Start Date/Time"
    assert "longest_window_hours = 12\n" in after
    mapped = load_area(folder)
    names = ("police_2025-01-01_2026-03-19.csv", "police_2025-01-01_2026-03-19.xlsx", "police_2026-04-04.csv")
    taken = [arrival_at(Path(name), mapped.sources["police"], mapped) is not None for name in names]
    assert (taken, mapped.sources["police"].file_forms) == ([True, True, False], ("xlsx", "csv"))
    again = make_section(
        proposal_of(file, mapped),
        read_export(file.read_bytes(), mapped.sources["police"]),
        mapped.sources["police"],
        mapped,
    )
    assert again["history_pattern"] == mapped.sources["police"].history_pattern
    start, end = before.index("[sources.police]"), before.index("# ---", before.index("[sources.police]"))
    assert after.startswith(before[:start] + MARK)
    assert after.endswith(before[end:])
    assert not (tmp_path / "home").exists()

    assert (
        "was written before and says the same"
        in said_by(monkeypatch, folder, str(file), "--source", "police")[1]
    )
    edited = after.replace('district = "Local Authority"', 'district = "Other"')
    (folder / "area.toml").write_text(edited, "utf-8")
    code, text = said_by(monkeypatch, folder, str(file), "--source", "police")
    assert (
        'columns.district: the area file says "Other", this export would be mapped to "Local Authority"'
        in text
    )
    assert (folder / "area.toml").read_text("utf-8") == edited


def test_what_is_not_certain_is_named_and_nothing_is_written_until_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = home_of(tmp_path), tmp_path / "extract.csv"
    file.write_bytes(make("", "police", names=NICHE, rows=AMBIGUOUS, form=DAY_FIRST).content)
    before = (folder / "area.toml").read_text("utf-8")
    code, text = said_by(monkeypatch, folder, str(file), "--source", "police")
    assert code == 1
    assert "How does Offence Start Date/Time write its times? Its rows do not say." in text
    assert "Nothing was written" in text
    assert (folder / "area.toml").read_text("utf-8") == before
    asked = list[str]()

    def ask(question: str, options: tuple[str, ...]) -> str:
        asked.append(question)
        return next((option for option in options if option.startswith("%d/")), NONE)

    settings = Settings(area=folder, home=tmp_path / "home")
    now = datetime(2026, 5, 1, 9, tzinfo=LONDON)
    done = onboard_files(Console(quiet=True), settings, load_area(folder), [file], "police", None, now, ask=ask, is_again=False)  # fmt: skip
    assert done
    assert len(asked) == 2
    assert load_area(folder).sources["police"].time_formats == (DAY_FIRST,)


def test_a_person_is_asked_until_the_answer_is_one_of_those_that_were_given(tmp_path: Path) -> None:
    """By a terminal of its own: three answers that are none, then one, and none of them for all that follows."""
    file = tmp_path / "extract.csv"
    file.write_bytes(make("", "police", names=NICHE, rows=AMBIGUOUS, form=DAY_FIRST).content)
    ours, theirs = os.openpty()
    os.write(ours, b"9\nabc\n0\n3\n3\n3\n")
    words = [sys.executable, "-W", "ignore", "-m", "cli", "onboard", str(file), "--source", "police"]
    done = subprocess.run(
        words,
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NTE_HOME": str(tmp_path)},
    )
    os.close(ours)
    os.close(theirs)
    assert done.stdout.count("Give a number from 1 to 3.") == 3
    assert "Nothing was written" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


def test_a_column_about_persons_is_named_never_shown_and_the_command_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = home_of(tmp_path), tmp_path / "extract.csv"
    rows = [
        row | {"Comment": "ring 01332 123456" if n == 3 else "", "Victim Name": "Q. Zebedee"}
        for n, row in enumerate(police_rows())
    ]
    file.write_bytes(make("", "police", names=NICHE, rows=rows).content)
    code, text = said_by(monkeypatch, folder, str(file), "--source", "police")
    assert code == 1
    assert "Comment: a phone number. The provider must leave it out; the whole file is refused." in text
    assert "Victim Name: a column for a name." in text
    assert "Zebedee" not in text + (folder / "area.toml").read_text("utf-8")
    assert "123456" not in text
    assert "Comment" not in (folder / "area.toml").read_text("utf-8")


BAD = {
    "nothing": (b"", "it is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "zero bytes"),
    "no header": (b"1,2,3\n4,5,6\n", "no line of it is a header"),
    "a name twice": (b"Ref,Ref\n1,2\n", "no line of it is a header"),
    "one line": (b"Crime No,HO Code\n", "it has a header and no rows"),
    "a name over two lines": (b'Crime No,"HO\nCode",Date\n1,8N,5\n', "goes over two lines"),
    "half an archive": (b"PK\x03\x04abc", "cut short or damaged"),
    "an empty workbook": (as_xlsx([]), "no sheet of it has a header"),
}


@pytest.mark.parametrize(("content", "why"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_one_sentence(
    content: bytes, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "extract.csv"
    file.write_bytes(content)
    with pytest.raises(NteError, match=why) as problem:
        said_by(monkeypatch, DERBYSHIRE, str(file), "--source", "police")
    assert "Ask the provider for another export" in str(problem.value)


def test_files_of_two_kinds_no_file_and_no_source_are_misuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_bytes(CASES[0].content)
    other.write_bytes(CASES[2].content)
    with pytest.raises(NteError, match="different columns"):
        said_by(monkeypatch, DERBYSHIRE, str(one), str(other), "--source", "police")
    with pytest.raises(MisuseError, match="no such file"):
        said_by(monkeypatch, DERBYSHIRE, str(tmp_path / "none.csv"), "--source", "police")
    with pytest.raises(MisuseError, match="no source of this area"):
        said_by(monkeypatch, DERBYSHIRE, str(one), "--source", "fire")


def test_several_files_of_one_kind_are_one_export(area: Area) -> None:
    source = area.sources["police"]
    days = [as_csv([["Crime No", "Offence Date"], [f"C{n}", f"{n:02}/03/2026 22:10"]]) for n in (5, 25)]
    export = join_exports([read_export(day, source) for day in days])
    readings = read_times(export.cells("Offence Date"), "Europe/London")
    assert readings
    assert (readings.is_clear, readings.best.form) == (True, DAY_FIRST)


def test_only_the_lines_of_the_source_change() -> None:
    text = (
        "[a]\nx = 1\n\n# ---\n[sources.b]\nx = 1\n[sources.b.columns]\ny = 2\n# about c\n[sources.c]\nz = 3\n"
    )
    changed = replace_section(text, "b", "[sources.b]\nx = 9\n")
    assert changed == "[a]\nx = 1\n\n# ---\n[sources.b]\nx = 9\n# about c\n[sources.c]\nz = 3\n"
    assert replace_section(text, "d", "[sources.d]\n").endswith("z = 3\n\n[sources.d]\n")


def test_a_standard_is_recognised_and_what_is_missing_in_it_is_said() -> None:
    for what, kind in (
        ("ISTV minimum", "hospital"),
        ("emergency care", "hospital"),
        ("dispatch", "ambulance"),
    ):
        case = next(case for case in CASES if case.what.startswith(what))
        header = read_export(case.content, load_area(DERBYSHIRE).sources[case.source]).header
        found = standard_of(header, kind)
        assert found
        assert found.missing
        assert standard_of(NICHE.values(), kind) is None
    assert all(set(s.roles) - {"time:arrived"} <= set(Columns.model_fields) for s in standards())


def test_attendances_that_are_no_assaults_are_never_counted_in_silence(area: Area) -> None:
    case = next(case for case in CASES if case.what == "emergency care data set")
    content = case.content.replace(b"361269008", b"276853009", 1)
    source = area.sources["ae"]
    proposal = propose(read_export(content, source), source, area, {}, {})
    assert "assaults alone (EC_Injury_Intent_SNOMED_CT has 2 values" in proposal.missing[0]
    assert not proposal.is_usable


def test_a_centre_that_the_area_file_names_is_not_passed_over_for_coordinates() -> None:
    area = load_area(AREAS / "new-york")
    table: list[list[object]] = [
        ["INCIDENT_KEY", "OCCUR_DATE", "OCCUR_TIME", "BORO", "Latitude", "Longitude"]
    ]
    table += [
        [169180000 + n, f"{n % 9 + 1}/{n % 28 + 1}/25", "22:15:00", "BRONX", 40.869, -73.902]
        for n in range(30)
    ]
    source = area.sources["nypd"]
    proposal = propose(read_export(as_csv(table), source), source, area, {}, {})
    assert proposal.points is None
    assert proposal.match("centre")
    assert next(iter(proposal.readings.values())).form == "%m/%d/%y %H:%M:%S"


def test_codes_that_no_definition_knows_are_read_as_nothing(area: Area) -> None:
    case = make(
        "", "police", names=NICHE, shape=replaced("ho_code", lambda code: "8/06" if code == "8N" else code)
    )
    source = area.sources["police"]
    export = read_export(case.content, source)
    match = propose(export, source, area, {}, {}).match("offence_code")
    assert match
    assert match.fit.words
    assert "8/06" not in match.fit.words.read
    assert match.fit.share < 1
