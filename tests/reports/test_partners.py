"""Editions for partners, from a copy for analysts to the file that partners open."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.give_partners import give
from flows.run import Run, SkippedError
from nte.area_files import load_area
from nte.errors import MisuseError, NteError
from nte.files import write_text
from nte.settings import Settings
from nte.tables.bands import COMPLETENESS
from nte.tables.board import INCIDENT_SLICES, PUBLICATION
from nte.tables.judgements import JUDGEMENTS
from nte.tables.partners import PARTNER_QUARTER
from nte.tables.published import ALERT_OUTCOMES
from nte.tables.slices import ISTV_SCORECARD, MONTH_COVERAGE
from nte.warehouse import open_warehouse, publish_copy, read_published
from reports.partners.cells import NOT_KNOWN_WHERE, OUTSIDE, Atom
from reports.partners.known import known_atoms, measured_by
from reports.partners.rows import quarters_between
from reports.partners.steps import Given, give_edition, write_site
from tests.areas import NEW_YORK, derbyshire
from tests.reports.test_kpis import Row, cell, covered

AREA = derbyshire()
NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
OF_QUARTER = (
    "SELECT district, shown, status, note FROM partner_quarter WHERE quarter = ? AND measure = 'nights'"
)


def nights(month: date, district: str, n: int, source: str = "police", **words: str) -> Row:
    return cell(month, n, n, district=district, source=source, definition=AREA.alert_definition, **words) | {
        "place_code": words.get("place_code", "outside_any_centre")
    }


def copy_for_analysts(
    folder: Path, until: date, *cells: Row, as_of: datetime = NOW, share: float = 1.0
) -> Path:
    """Publish cells as a copy for analysts whose days are covered from October 2025 to `until`."""
    path = folder / f"copy-{as_of:%m%d}.duckdb"
    publication = {
        "published_at": as_of,
        "as_of": as_of,
        "as_known_from": as_of,
        "schema_version": 1,
        "area": AREA.code,
    }
    learned = {"as_of": as_of, "source": "police", "age_days": 1, "known_share": share, "survival_share": 1.0}
    rows: list[tuple[Any, pl.DataFrame]] = [
        (PUBLICATION, pl.DataFrame([publication], PUBLICATION.schema)),
        (INCIDENT_SLICES, pl.DataFrame(cells, INCIDENT_SLICES.schema)),
        (MONTH_COVERAGE, covered(date(2025, 10, 1), until)),
        *((table, table.empty()) for table in (ALERT_OUTCOMES, ISTV_SCORECARD, JUDGEMENTS)),
        (COMPLETENESS, pl.DataFrame([dict.fromkeys(COMPLETENESS.names, 0) | learned], COMPLETENESS.schema)),
    ]
    publish_copy(path, rows, [])
    return path


def given(settings: Settings, copy: Path) -> Given:
    return give_edition(settings, AREA, copy, NOW)


def numbers(path: Path, quarter: str) -> dict[str, tuple[int | None, str]]:
    rows = read_published(path, OF_QUARTER, [quarter]).iter_rows(named=True)
    return {row["district"]: (row["shown"], row["status"]) for row in rows}


CELLS = [nights(date(2026, 1, 1), "Derby", 21), nights(date(2026, 2, 1), "Erewash", 12), nights(date(2026, 3, 1), "Bolsover", 3)]  # fmt: skip


def test_partners_get_each_final_quarter_and_no_small_number(empty: Settings, tmp_path: Path) -> None:
    done = given(empty, copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS))
    assert (done.edition, done.is_new, done.quarters) == (date(2026, 5, 20), True, ("2025Q4", "2026Q1"))
    found = numbers(empty.partners_file, "2026Q1")
    assert (found["area"], found["Derby"]) == ((36, "shown"), (21, "shown"))
    assert (found["Bolsover"], found["Erewash"]) == ((None, "small"), (None, "protecting"))
    assert found["Chesterfield"] == (0, "shown")
    [note] = read_published(empty.partners_file, "SELECT note FROM partner_quarter WHERE status = 'small'")[
        "note"
    ]
    assert note == "fewer than 5"
    assert empty.partners_file.stat().st_mode & 0o777 == 0o440


def test_an_edition_stays_as_it_is_and_the_next_one_comes_with_the_next_final_quarter(
    empty: Settings, tmp_path: Path
) -> None:
    given(empty, copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS))
    first = empty.partner_edition(date(2026, 5, 20))
    before = first.read_bytes()
    later = datetime(2026, 6, 20, 6, tzinfo=UTC)
    assert not given(empty, copy_for_analysts(tmp_path, date(2026, 6, 19), *CELLS, as_of=later)).is_new
    last = datetime(2026, 8, 3, 6, tzinfo=UTC)
    corrected = [nights(date(2026, 1, 1), "Derby", 24), *CELLS[1:], nights(date(2026, 4, 1), "Derby", 30)]
    done = given(empty, copy_for_analysts(tmp_path, date(2026, 8, 2), *corrected, as_of=last))
    assert (done.edition, done.is_new, done.quarters[1]) == (date(2026, 8, 3), True, "2026Q2")
    assert first.read_bytes() == before
    assert numbers(first, "2026Q1")["Derby"] == (21, "shown")
    assert numbers(empty.partners_file, "2026Q1")["Derby"] == (24, "shown")
    [note] = read_published(empty.partners_file, "SELECT note FROM partner_quarter WHERE shown = 24")["note"]
    assert note == "corrected since the edition before"


def test_an_older_morning_makes_no_edition_after_a_newer_one(empty: Settings, tmp_path: Path) -> None:
    given(empty, copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS))
    older = copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS, as_of=datetime(2026, 5, 1, 6, tzinfo=UTC))
    with pytest.raises(MisuseError, match="2026-05-01: partners have the edition of 2026-05-20 already"):
        given(empty, older)


def test_another_area_than_the_homes_is_refused_in_plain_words(empty: Settings, tmp_path: Path) -> None:
    copy = copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS)
    given(empty, copy)
    with pytest.raises(
        MisuseError, match="have figures of the source 'police', which New York City does not have"
    ):
        give_edition(empty, load_area(NEW_YORK), copy, NOW)


def test_no_quarter_is_given_before_it_is_over_accounted_for_and_in(empty: Settings, tmp_path: Path) -> None:
    for until, share in ((date(2025, 12, 20), 1.0), (date(2026, 5, 10), 0.9)):
        copy = copy_for_analysts(tmp_path, until, *CELLS, share=share)
        with pytest.raises(NteError, match="There is no final quarter yet"):
            given(empty, copy)
    assert not empty.partners_file.exists()


def test_the_dag_skips_until_a_quarter_is_final_and_a_rehearsal_gives_nothing(
    empty: Settings, tmp_path: Path
) -> None:
    empty.published_file.parent.mkdir(parents=True)
    copy_for_analysts(tmp_path, date(2025, 12, 20), *CELLS).rename(empty.published_file)
    run = Run(empty, AREA, NOW, slack=lambda: None)
    with pytest.raises(SkippedError, match="There is no final quarter yet"):
        give(run)
    with pytest.raises(SkippedError, match="A rehearsal gives partners nothing"):
        give(replace(run, is_rehearsal=True))


def test_a_measure_that_counts_otherwise_than_before_is_refused(empty: Settings, tmp_path: Path) -> None:
    given(empty, copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS))
    other = AREA.model_copy(
        update={"definitions": tuple(d for d in AREA.definitions if d.definition != "sv-2025")}
    )
    last = datetime(2026, 8, 3, 6, tzinfo=UTC)
    copy = copy_for_analysts(tmp_path, date(2026, 8, 2), *CELLS, as_of=last)
    with pytest.raises(NteError, match="count by other definitions than their last edition"):
        give_edition(empty, other, copy, NOW)


def test_what_was_given_as_fewer_than_5_is_never_said_to_be_fewer_than_3(
    empty: Settings, tmp_path: Path
) -> None:
    copy = copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS)
    given(empty, copy)
    lower = AREA.disclosure.model_copy(update={"licensing_least_shown": 3})
    with pytest.raises(
        NteError, match=r"small numbers of police as fewer than 5, .* as fewer than 3: what was given"
    ):
        give_edition(empty, AREA.model_copy(update={"disclosure": lower}), copy, NOW)


def test_where_a_source_serves_no_town_its_nought_is_no_nought(empty: Settings, tmp_path: Path) -> None:
    counts = pl.DataFrame([nights(date(2026, 1, 1), "High Peak", 2, "ae")])
    known = known_atoms(counts, {"ae": ["2026Q1"]}, AREA)
    assert {atom.district for atom in known} == {*AREA.districts, NOT_KNOWN_WHERE} - {"High Peak"}
    assert known[Atom("2026Q1", NOT_KNOWN_WHERE, "", "ae", "nights")] == 2
    assert OUTSIDE not in {atom.place for atom in known}  # A&E states no district: it has town centres alone
    police = known_atoms(counts, {"police": ["2026Q1"]}, AREA)
    assert Atom("2026Q1", "High Peak", OUTSIDE, "police", "nights") in police


def test_the_boards_newest_measure_of_all_hours_is_the_partners() -> None:
    assert measured_by(AREA) == {"nights": "nte-violence", "serious_violence": "sv-2025"}
    assert quarters_between("2025Q4", "2026Q2") == ["2025Q4", "2026Q1", "2026Q2"]


def test_the_pages_of_an_edition_are_written_for_the_group_and_what_is_left_of_others_goes(
    empty: Settings, tmp_path: Path
) -> None:
    area = AREA.model_copy(
        update={"town_centres": tuple(c for c in AREA.town_centres if c.district == "Derby")}
    )
    copy = copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS[:1])
    give_edition(empty, area, copy, NOW)
    left = empty.partners_site / "data" / "long-ago.csv"
    write_text(left, "")
    page = write_site(empty, area, copy)
    assert "Edition of 20 May 2026" in page.read_text(encoding="utf-8")
    assert sorted(path.name for path in page.parent.glob("*.html")) == [
        "about.html",
        "derby.html",
        "index.html",
    ]
    assert not left.exists()
    assert (page.stat().st_mode & 0o777, page.parent.stat().st_mode & 0o777) == (0o640, 0o750)


def test_what_partners_are_given_of_simulated_deliveries_says_so(empty: Settings, tmp_path: Path) -> None:
    copy = copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS)
    said = "SELECT is_simulated FROM partner_editions"
    first = given(empty, copy).file
    assert read_published(first, said)["is_simulated"].to_list() == [False]
    before = empty.partner_edition(date(2026, 5, 20)).read_bytes()
    write_text(empty.simulated_file, "{}")
    assert read_published(given(empty, copy).file, said)["is_simulated"].to_list() == [True]
    assert "Simulated figures" in write_site(empty, AREA, copy).read_text(encoding="utf-8")
    assert empty.partner_edition(date(2026, 5, 20)).read_bytes() == before


def test_exact_counts_stay_in_the_warehouse(empty: Settings, tmp_path: Path) -> None:
    given(empty, copy_for_analysts(tmp_path, date(2026, 5, 10), *CELLS))
    tables = read_published(empty.partners_file, "SELECT table_name FROM duckdb_tables()")["table_name"]
    assert sorted(tables) == [
        "partner_centre_year", "partner_editions", "partner_quarter", "places", "recording_changes", "sources",
    ]  # fmt: skip
    with open_warehouse(empty) as warehouse:
        hidden = warehouse.read(PARTNER_QUARTER, "status IN ('small', 'protecting')")
    assert hidden["shown"].null_count() == hidden.height > 0
