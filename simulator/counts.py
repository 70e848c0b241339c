"""How many incidents happen: expected counts by cell, day and source, and counts drawn about them.

A cell is a town centre, or the rest of a district.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.calibration import Calibration
from simulator.draws import Floats, Ints, gamma_factors, stream
from simulator.figures import Spread
from simulator.ground import Centre, Ground
from simulator.plan import SOURCES, Change, Surge
from simulator.season import DayMeans

NIGHT = 0


@dataclass(frozen=True)
class Cell:
    """A place where incidents are counted: a town centre, or a district outside of its town centres."""

    district: str
    centres: tuple[Centre, ...]
    is_centre: bool

    @property
    def ae_site(self) -> str:
        """Return the hospital site that serves it, or an empty text."""
        return next((site for centre in self.centres for site in centre.ae_sites), "")

    @property
    def has_emas(self) -> bool:
        """Say whether EMAS serves any of it."""
        return any(centre.has_emas for centre in self.centres)


def list_cells(ground: Ground, calibration: Calibration) -> tuple[Cell, ...]:
    """Return the town centres, then the districts. Raises ValueError where figures are missing for one."""
    places = calibration.places
    codes, districts_of = {c.centre_code for c in ground.centres}, {c.district for c in ground.centres}
    _check_names("town centre", "town_centre_shares", codes, set(places.town_centre_shares))
    _check_names("district", "district_shares", districts_of, set(places.district_shares))
    centres = [Cell(centre.district, (centre,), is_centre=True) for centre in ground.centres]
    districts = [
        Cell(name, tuple(c for c in ground.centres if c.district == name), is_centre=False)
        for name in places.district_shares
    ]
    return (*centres, *districts)


def _check_names(what: str, key: str, known: set[str], given: set[str]) -> None:
    if lost := sorted(known - given):
        raise ValueError(f"simulation.toml: places.{key} has no figure for the {what} {lost[0]!r}. Add one.")
    if extra := sorted(given - known):
        raise ValueError(
            f"simulation.toml: places.{key} names {extra[0]!r}, which town_centres.geojson "
            "does not have. Remove it."
        )


def expected_counts(
    calibration: Calibration, cells: Sequence[Cell], means: DayMeans, ground: Ground
) -> dict[str, Floats]:
    """Return the expected incidents of each source: cell × day × night or daytime.

    Police: occurrences that the alert measure counts. Others: incidents that it counts.
    """
    serious = np.array([_serious(calibration, cell, means) for cell in cells])
    serious *= _local_factors(calibration, cells, means.days, ground)[:, :, np.newaxis]
    alert = serious * calibration.alert_incidents_ratio
    return {
        "police": alert,
        "emas": alert * _emas_ratios(calibration, cells, means.days)[:, :, np.newaxis],
        "ae": alert * _ae_ratios(calibration, cells)[:, np.newaxis, np.newaxis],
    }


def _serious(calibration: Calibration, cell: Cell, means: DayMeans) -> Floats:
    """Return expected serious offences: day × night or daytime."""
    places = calibration.places
    if not cell.is_centre:
        both = np.stack([means.elsewhere_night, means.elsewhere_daytime], axis=1)
        return both * places.district_shares[cell.district]
    centre = cell.centres[0]
    is_valid = np.array([[centre.is_valid(day)] for day in means.days], dtype=np.float64)
    both = np.stack([means.centre_night, means.centre_daytime], axis=1)
    return both * is_valid * places.town_centre_shares[centre.centre_code]


def _local_factors(
    calibration: Calibration, cells: Sequence[Cell], days: Sequence[date], ground: Ground
) -> Floats:
    factors = np.ones((len(cells), len(days)))
    position = {day: n for n, day in enumerate(days)}
    for event in ground.local_events:
        if event.evening not in position:
            continue
        factor = calibration.events.local_factors.get(event.event, 1.0)
        for n, cell in enumerate(cells):
            if cell.is_centre and event.centre_code in ("", cell.centres[0].centre_code):
                factors[n, position[event.evening]] *= factor
    return factors


def _emas_ratios(calibration: Calibration, cells: Sequence[Cell], days: Sequence[date]) -> Floats:
    emas = calibration.emas
    level = np.where(np.array(days) < emas.pathways_from, 1.0, emas.level_after_pathways)
    by_cell = [emas.per_police_incident if c.is_centre else emas.per_police_incident_elsewhere for c in cells]
    is_served = np.array([cell.has_emas for cell in cells])
    return np.outer(np.array(by_cell) * is_served, level)


def _ae_ratios(calibration: Calibration, cells: Sequence[Cell]) -> Floats:
    ae = calibration.ae
    by_cell = [ae.per_police_incident if c.is_centre else ae.per_police_incident_elsewhere for c in cells]
    return np.where([bool(cell.ae_site) for cell in cells], by_cell, 0.0)


def draw_counts(
    seed: int,
    spread: Spread,
    expected: dict[str, Floats],
    surged: dict[str, Floats],
) -> dict[str, Ints]:
    """Return a count for every cell, day and part of each source.

    Negative binomial, with factors of the night shared by the sources. Where a surge is planted (`surged`
    above 1), the count is never below the surged mean: a surge that chance hides would be no use in a demo.
    """
    shape = expected["police"].shape
    rng = stream(seed, "nights")
    shared = gamma_factors(rng, spread.area_night, shape[1:])[np.newaxis] * gamma_factors(
        rng, spread.town_centre_night, shape
    )
    own = {"police": spread.police, "emas": spread.emas, "ae": spread.ae}
    counts: dict[str, Ints] = {}
    for source in SOURCES:
        source_rng = stream(seed, f"{source} counts")
        mean = expected[source] * surged[source]
        drawn = source_rng.poisson(mean * shared * gamma_factors(source_rng, own[source], shape))
        least = np.where(surged[source] > 1, np.ceil(mean), 0)
        counts[source] = np.maximum(drawn, least).astype(np.int64)
    return counts


def surge_factors(surges: Sequence[Surge], cells: Sequence[Cell], days: Sequence[date]) -> dict[str, Floats]:
    """Return the factor of planted surges for each source: cell × day × night or daytime."""
    factors = {source: np.ones((len(cells), len(days), 2)) for source in SOURCES}
    codes = [cell.centres[0].centre_code if cell.is_centre else "" for cell in cells]
    for surge in surges:
        where = (codes.index(surge.centre_code), list(days).index(surge.evening), NIGHT)
        for source in surge.sources:
            factors[source][where] = surge.factor
    return factors


def with_changes(
    factors: dict[str, Floats], changes: Sequence[Change], cells: Sequence[Cell], days: Sequence[date]
) -> dict[str, Floats]:
    """Return factors of surges in which every night of a changed town centre has the factor of its change."""
    codes = [cell.centres[0].centre_code if cell.is_centre else "" for cell in cells]
    for change in changes:
        after = np.array([day >= change.first_evening for day in days])
        for factor in factors.values():
            factor[codes.index(change.centre_code), after, NIGHT] *= change.factor
    return factors
