"""Makes editions for partners and writes them out: from a copy for analysts, beside all that were given before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import polars as pl

from nte.area import Area
from nte.columns import Table
from nte.disclosure import least_shown_of
from nte.errors import MisuseError, NteError
from nte.files import GROUP, open_to_group, write_text
from nte.settings import Settings
from nte.tables.counts import CENTRE_STARTS
from nte.tables.definitions import PLACES, RECORDING_CHANGES, SOURCES
from nte.tables.partners import (
    IS_SIMULATED,
    PARTNER_CENTRE_YEAR,
    PARTNER_COUNTS,
    PARTNER_EDITIONS,
    PARTNER_QUARTER,
    as_given,
)
from nte.tables.slices import MONTH_COVERAGE
from nte.warehouse import Warehouse, open_warehouse, publish_copy, read_published
from nte.words import Audience
from reports import queries
from reports.board.kpis import quarters_of
from reports.board.slices import known_shares
from reports.partners.alerts import ALERTS, JUDGED, alerts_by_month
from reports.partners.beside import HOSPITALS, completeness, hospital_scores
from reports.partners.cells import Atom, Status
from reports.partners.editions import next_edition
from reports.partners.known import COUNTS, final_quarters, known_atoms, measured_by
from reports.partners.rows import Notes, atom_rows, edition_of, edition_rows
from reports.partners.saying import say_citation, say_small
from reports.partners.site import Facts, pages


class NoFinalQuarterError(NteError):
    """There is nothing yet that partners could be given."""


LAST: Final = "edition = (SELECT max(edition) FROM partner_editions)"
AS_OF: Final = "SELECT as_of FROM publication"
COVERAGE: Final = "SELECT * FROM month_coverage"
NUMBERS: Final = (PARTNER_QUARTER, PARTNER_CENTRE_YEAR)


@dataclass(frozen=True)
class Given:
    """What partners have now."""

    edition: date
    is_new: bool
    quarters: tuple[str, str]
    n_by_status: dict[str, int]
    file: Path


def give_edition(settings: Settings, area: Area, copy: Path, now: datetime) -> Given:
    """Make an edition where a copy for analysts has a final quarter that partners have not; write out every edition.

    Raises MisuseError for a copy older than the last edition or of another area, NoFinalQuarterError before the first,
    NteError where measures count by another definition than they did, or small is another number than it was.
    """
    as_of, atoms = _known(area, copy)
    day = area.clock.local_date(as_of)
    with open_warehouse(settings) as warehouse:
        _refuse_lost(warehouse, area)
        _refuse_other_least(warehouse, least_shown_of(area, Audience.LICENSING))
        last = _last(warehouse)
        if last is not None and day < last:
            raise MisuseError(
                f"{day}: partners have the edition of {last} already, which knows more. Editions go forward only: two "
                "that were made in another order could be subtracted from each other."
            )
        is_new = day != last and _is_new(warehouse, atoms)
        if last is None and not is_new:
            raise NoFinalQuarterError(
                "There is no final quarter yet, so that partners get nothing. A quarter is final when it is over, "
                "deliveries account for its days, and almost all of each month is in: `nte status` says what is late."
            )
        if is_new:
            _add(warehouse, area, atoms, as_of, now)
        _write_out(warehouse, settings)
        return _given(warehouse, settings, is_new=is_new)


def write_site(settings: Settings, area: Area, copy: Path) -> Path:
    """Write the pages of the newest edition, and what stands beside its numbers from a copy for analysts.

    Returns the first page. Files of an earlier site that are no longer part of it go. Raises CannotWriteError.
    """
    with open_warehouse(settings) as warehouse:
        edition = warehouse.read(PARTNER_EDITIONS, LAST).row(0, named=True)["edition"]
        quarters, years = (warehouse.read(table, LAST).drop("edition").to_dicts() for table in NUMBERS)
    named, judged = sorted({row["quarter"] for row in quarters}), read_published(copy, JUDGED)["first"][0]
    facts = Facts(
        area=area,
        edition=edition,
        quarters=quarters,
        years=years,
        least=least_shown_of(area, Audience.LICENSING),
        alerts=alerts_by_month(read_published(copy, ALERTS).to_dicts(), quarters, years, area, judged),
        hospitals=hospital_scores(read_published(copy, HOSPITALS), named),
        complete=completeness(read_published(copy, COVERAGE), quarters, area),
        is_simulated=settings.is_simulated,
    )
    folder, written = settings.partners_site, set[Path]()
    for name, text in pages(facts).items():
        write_text(folder / name, text, GROUP)
        written.add(folder / name)
    for one in (folder, folder / "data"):
        open_to_group(one)
    for left in {path for path in folder.rglob("*") if path.is_file()} - written:
        left.unlink()
    return folder / "index.html"


def _known(area: Area, copy: Path) -> tuple[datetime, dict[Atom, int]]:
    """Return as of when a copy is, and what it knows of the final quarters."""
    as_of = read_published(copy, AS_OF)["as_of"][0]
    if not isinstance(as_of, datetime):
        raise NteError("No night was counted yet. Load each source's history file, then run again.")
    coverage = MONTH_COVERAGE.conform(read_published(copy, COVERAGE))
    months = coverage["month"].unique().sort().to_list()
    shares = known_shares(months, read_published(copy, queries.COMPLETENESS), area, as_of)
    today, least = area.clock.local_date(as_of), area.slack.complete_share
    final = {
        source: final_quarters(quarters_of(coverage, shares, source, today), shares, source, least)
        for source in area.sources
    }
    counts = read_published(copy, COUNTS, [list(measured_by(area).values())])
    return as_of, known_atoms(counts, final, area)


def _last(warehouse: Warehouse) -> date | None:
    last = warehouse.query("SELECT max(edition) AS last FROM partner_editions")["last"][0]
    return last if isinstance(last, date) else None


def _is_new(warehouse: Warehouse, atoms: dict[Atom, int]) -> bool:
    given = warehouse.query("SELECT DISTINCT quarter, source FROM partner_counts").rows()
    return bool({(atom.quarter, atom.source) for atom in atoms} - set(given))


def _add(warehouse: Warehouse, area: Area, atoms: dict[Atom, int], as_of: datetime, now: datetime) -> None:
    """Add the next edition to those that stand."""
    definitions = "; ".join(f"{measure}: {name}" for measure, name in measured_by(area).items())
    _refuse_other(warehouse, definitions)
    numbers = (warehouse.read(table, LAST) for table in NUMBERS)
    before = edition_of(warehouse.read(PARTNER_COUNTS), *numbers, renamed=area.places.renamed)
    day, least = area.clock.local_date(as_of), least_shown_of(area, Audience.LICENSING)
    edition = next_edition(before, atoms, least)
    quarters = sorted({atom.quarter for atom in edition.atoms})
    notes = Notes(area, least, dict(warehouse.read(CENTRE_STARTS).iter_rows()))
    said = {
        "edition": day, "as_of": as_of, "given_at": now, "first_quarter": quarters[0], "last_quarter": quarters[-1],
        "definitions": definitions,
    }  # fmt: skip
    with warehouse.transaction():
        warehouse.replace(PARTNER_COUNTS, atom_rows(edition.atoms))
        warehouse.merge(PARTNER_EDITIONS, pl.DataFrame([said], PARTNER_EDITIONS.schema))
        for table, rows in edition_rows(edition, day, notes).items():
            warehouse.append(table, rows)


def _refuse_lost(warehouse: Warehouse, area: Area) -> None:
    """Raise MisuseError where partners have figures of a source that the area file does not have."""
    given = warehouse.query("SELECT DISTINCT source FROM partner_counts ORDER BY source")["source"]
    if lost := [source for source in given if source not in area.sources]:
        raise MisuseError(
            f"Partners have figures of the source {lost[0]!r}, which {area.name} does not have. Set NTE_AREA to the "
            "area of this home, or put the source back into its area file; it may stay there without deliveries."
        )


def _refuse_other_least(warehouse: Warehouse, least: Mapping[str, int]) -> None:
    """Raise NteError where partners were told of small numbers by another threshold than the area file's."""
    for table in NUMBERS:
        small = warehouse.read(table, f"{LAST} AND status = '{Status.SMALL}'")
        for source, note in small.select("source", "note").unique().sort("source").iter_rows():
            before, now = note.partition(";")[0], say_small(least[source])
            if before != now:
                raise NteError(
                    f"Partners were told of small numbers of {source} as {before}, and the area file would have them "
                    f"as {now}: what was given cannot be said otherwise. Put its thresholds back; the last edition "
                    "stands."
                )


def _refuse_other(warehouse: Warehouse, definitions: str) -> None:
    before = warehouse.query(f"SELECT definitions FROM partner_editions WHERE {LAST}")[
        "definitions"
    ].to_list()
    if before and before[0] != definitions:
        raise NteError(
            f"Partners' figures count by other definitions than their last edition ({before[0]}; now {definitions}): "
            "old and new subtracted would tell small numbers. Put the definitions back as they were; the last edition "
            "stands."
        )


def _write_out(warehouse: Warehouse, settings: Settings) -> None:
    """Write the newest edition as the partners' file, and each edition once as a file that stays as it is."""
    days = warehouse.query("SELECT edition FROM partner_editions ORDER BY edition")["edition"].to_list()
    for day in days:
        if not (path := settings.partner_edition(day)).exists():
            publish_copy(path, _tables(warehouse, settings, day), [])
    publish_copy(settings.partners_file, _tables(warehouse, settings, days[-1]), [])


def _tables(warehouse: Warehouse, settings: Settings, day: date) -> list[tuple[Table, pl.DataFrame]]:
    """Return what is in the file of an edition: its numbers, and the words to read them by."""
    cited = pl.col("citation").map_elements(say_citation, pl.String)
    changes = warehouse.read(RECORDING_CHANGES).with_columns(cited)
    words = [(table.published, warehouse.read(table)) for table in (SOURCES, PLACES)]
    words += [(RECORDING_CHANGES.published, changes)]
    of_day = [(table, warehouse.read(table, "edition = ?", [day])) for table in (PARTNER_EDITIONS, *NUMBERS)]
    simulated = pl.lit(settings.is_simulated).alias(IS_SIMULATED.name)
    given = [(as_given(table), rows.with_columns(simulated)) for table, rows in of_day]
    return [*((table, rows.select(table.names)) for table, rows in given), *words]


def _given(warehouse: Warehouse, settings: Settings, *, is_new: bool) -> Given:
    last = warehouse.read(PARTNER_EDITIONS, LAST).row(0, named=True)
    status = pl.concat([warehouse.read(table, LAST).select("status") for table in NUMBERS])["status"]
    return Given(
        edition=last["edition"],
        is_new=is_new,
        quarters=(last["first_quarter"], last["last_quarter"]),
        n_by_status={str(word): int((status == word).sum()) for word in Status},
        file=settings.partners_file,
    )
