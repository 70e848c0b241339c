"""`nte area new`: a checked folder for another area, from its town centres and boundary, after the model of one."""

import csv
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyproj import CRS, Transformer
from shapely.geometry import Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from cli.area_texts import Place, area_toml, centres_geojson, gazetteer_csv, simulation_toml
from nte.area import Area
from nte.area_files import (
    AREA_FILE,
    CENTRES_FILE,
    DEFINITIONS_FILE,
    EVENTS_FILE,
    FIGURES,
    GAZETTEER_FILE,
    load_area,
)
from nte.errors import MisuseError

CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
DEGREES, BRITISH_GRID = "EPSG:4326", "EPSG:27700"
SIMULATION_FILE = "simulation.toml"
USUAL_RADIUS_M = 400.0
MARGIN_M, MARGIN_OF_CENTRES_M = 2_000, 15_000
"""So much wider than the boundary, or than the town centres without one, is the box of possible points."""
MOST_CENTRES, MOST_RADIUS_M = 500, 5_000.0
COPIED = ("recording_changes", "populations", "admissions", "interventions", "unit_costs", "harm_weights")


def make_area(  # noqa: PLR0917  each is said on the command line
    code: str, name: str, centres: Path, boundary: Path | None, like: Path, into: Path
) -> Area:
    """Write the folder of a new area, whole or not at all, and return it as it is loaded.

    Definitions, nights, detectors and the contracts of the sources are those of the model; districts, channels and
    readers follow from the town centres. Raises MisuseError that names the file and line that is wrong.
    """
    if not CODE.fullmatch(code):
        raise MisuseError(
            f"{code!r} is no code of an area. Write small letters, digits and hyphens, such as 'essex'."
        )
    if (into / code).exists():
        raise MisuseError(f"{into / code}: is there already. Choose another code, or move it away.")
    model = load_area(like)
    places = read_places(centres, model.places.crs)
    bounds = _bounds(places, boundary, model.places.crs)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / code
        fresh.mkdir()
        _write(fresh, model, like, places, bounds, name)
        area = load_area(fresh)
        shutil.copytree(fresh, into / code)
    return area


def _write(  # noqa: PLR0917  what a folder is made of
    fresh: Path, model: Area, like: Path, places: Sequence[Place], bounds: Sequence[int], name: str
) -> None:
    text = (like / AREA_FILE).read_text(encoding="utf-8")
    written = {
        AREA_FILE: area_toml(text, model, fresh.name, name, places, bounds),
        DEFINITIONS_FILE: (like / DEFINITIONS_FILE).read_text(encoding="utf-8"),
        CENTRES_FILE: centres_geojson(places, model, name),
        GAZETTEER_FILE: gazetteer_csv(places),
        EVENTS_FILE: "evening,event,centre_code,title\n",
    }
    written |= {
        f"{table}.csv": ",".join(columns) + "\n" for table, columns in FIGURES.items() if table in COPIED
    }
    if (like / SIMULATION_FILE).exists():
        written[SIMULATION_FILE] = simulation_toml(
            (like / SIMULATION_FILE).read_text(encoding="utf-8"), places
        )
    for file, content in written.items():
        (fresh / file).write_text(content, encoding="utf-8")


def read_places(file: Path, crs: str) -> list[Place]:
    """Return the town centres of a file: CSV with name, district and coordinates, or GeoJSON. Raises MisuseError."""
    if not file.is_file():
        raise MisuseError(f"{file}: no such file.")
    rows = _rows_of_geojson(file) if file.suffix.lower() in (".geojson", ".json") else _rows_of_csv(file)
    places = [_place(row, f"{file}: {where}", crs) for where, row in rows]
    if not 0 < len(places) <= MOST_CENTRES:
        raise MisuseError(f"{file}: holds {len(places)} town centres. Give 1 to {MOST_CENTRES}.")
    codes = [place.code for place in places]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise MisuseError(
            f"{file}: two town centres would have the code {twice[0]!r}. Give them names of their own."
        )
    return places


def _rows_of_csv(file: Path) -> list[tuple[str, dict[str, Any]]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as problem:
        raise MisuseError(f"{file}: not UTF-8 text. Save it as UTF-8.") from problem
    rows = csv.DictReader(lines)
    names = [(name or "").strip().lower() for name in rows.fieldnames or []]
    if lost := sorted({"name", "district"} - set(names)):
        raise MisuseError(
            f"{file}: line 1 has no column {lost[0]}. It needs name, district, latitude and longitude."
        )
    return [
        (
            f"line {n}",
            {(key or "").strip().lower(): value for key, value in row.items() if isinstance(value, str)},
        )
        for n, row in enumerate(rows, start=2)
    ]


def _rows_of_geojson(file: Path) -> list[tuple[str, dict[str, Any]]]:
    rows = []
    for n, feature in enumerate(_features(file), start=1):
        where, geometry = f"feature {n}", _geometry(feature, f"{file}: feature {n}")
        point = geometry.centroid
        facts: dict[str, Any] = {"longitude": point.x, "latitude": point.y} | dict(
            feature.get("properties") or {}
        )
        if isinstance(geometry, Polygon):
            facts["ring"] = [list(at) for at in geometry.exterior.coords]
        rows.append((where, facts))
    return rows


def _features(file: Path) -> list[dict[str, Any]]:
    if not file.is_file():
        raise MisuseError(f"{file}: no such file.")
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise MisuseError(
            f"{file}: no GeoJSON. Give a file with features in longitude and latitude."
        ) from problem
    features = found.get("features", [found]) if isinstance(found, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features) or not features:
        raise MisuseError(f"{file}: no GeoJSON. Give a file with features in longitude and latitude.")
    return features


def _geometry(feature: dict[str, Any], where: str) -> BaseGeometry:
    try:
        found = shape(feature.get("geometry") or feature)
    except Exception as problem:
        raise MisuseError(f"{where}: has no geometry that can be read.") from problem
    west, south, east, north = found.bounds if not found.is_empty else (999.0,) * 4
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004  degrees
        raise MisuseError(f"{where}: is not in longitude and latitude (WGS84).")
    return found


def _place(row: dict[str, Any], where: str, crs: str) -> Place:
    name, district = (str(row.get(key) or "").strip() for key in ("name", "district"))
    if not name or not district:
        raise MisuseError(f"{where}: has no {'district' if name else 'name'}.")
    longitude, latitude = _degrees(row, where)
    x, y = Transformer.from_crs(DEGREES, crs, always_xy=True).transform(longitude, latitude)
    radius = _number(row.get("radius_m") or USUAL_RADIUS_M, "radius_m", where)
    if not 0 < radius <= MOST_RADIUS_M:
        raise MisuseError(f"{where}: radius_m is {radius:g}. Give metres, at most {MOST_RADIUS_M:g}.")
    if not _can_be(crs, longitude, latitude) and _can_be(crs, latitude, longitude):
        raise MisuseError(f"{where}: {name!r} lies far outside of {crs}: latitude and longitude are swapped.")
    code = str(row.get("centre_code") or "").strip() or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    sites = tuple(site.strip() for site in re.split(r"[;, ]+", str(row.get("sites") or "")) if site.strip())
    return Place(code, name, district, latitude, longitude, x, y, radius, sites, row.get("ring"))


def _can_be(crs: str, longitude: float, latitude: float) -> bool:
    """Say whether a point lies where a coordinate system is made for."""
    use = CRS.from_user_input(crs).area_of_use
    return use is None or (use.west <= longitude <= use.east and use.south <= latitude <= use.north)


def _degrees(row: dict[str, Any], where: str) -> tuple[float, float]:
    """Return longitude and latitude, also of eastings and northings."""
    if row.get("longitude") and row.get("latitude"):
        longitude, latitude = (_number(row[key], key, where) for key in ("longitude", "latitude"))
    elif row.get("easting") and row.get("northing"):
        east, north = (_number(row[key], key, where) for key in ("easting", "northing"))
        longitude, latitude = Transformer.from_crs(BRITISH_GRID, DEGREES, always_xy=True).transform(
            east, north
        )
    else:
        raise MisuseError(f"{where}: has no latitude and longitude, nor easting and northing.")
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):  # noqa: PLR2004  degrees
        raise MisuseError(f"{where}: latitude and longitude are out of bounds.")
    return longitude, latitude


def _number(value: object, key: str, where: str) -> float:
    try:
        return float(str(value))
    except ValueError as problem:
        raise MisuseError(f"{where}: {key} is no number.") from problem


def _bounds(places: Sequence[Place], boundary: Path | None, crs: str) -> list[int]:
    """Return the box of possible points; every town centre must lie in the boundary. Raises MisuseError."""
    if boundary is None:
        xs, ys, margin = [p.x for p in places], [p.y for p in places], MARGIN_OF_CENTRES_M
    else:
        outline = unary_union(
            [_geometry(f, f"{boundary}: feature {n}") for n, f in enumerate(_features(boundary), 1)]
        )
        if outline.area == 0:
            raise MisuseError(f"{boundary}: holds no polygon. Give the outline of the area.")
        if lost := [p.name for p in places if not outline.covers(p.point)]:
            raise MisuseError(
                f"{boundary}: {lost[0]} lies outside of it. Look at its coordinates, or at the boundary."
            )
        to_area = Transformer.from_crs(DEGREES, crs, always_xy=True)
        west, south, east, north = to_area.transform_bounds(*outline.bounds)
        xs, ys, margin = [west, east], [south, north], MARGIN_M
    box = (min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)
    return [round(at, -3) for at in map(int, box)]
