"""Reads an area's folder of data into an `Area`, or says which file and key is wrong and what to do."""

import csv
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pyproj import Transformer

from nte.area import Area
from nte.deliveries.local_times import unreadable_format
from nte.errors import AreaError

AREA_FILE, DEFINITIONS_FILE = "area.toml", "definitions.toml"
FIGURES = {
    "recording_changes": ("source", "offence_group", "first_day", "expected_effect", "citation"),
    "populations": ("district", "mid_year", "n", "citation"),
    "admissions": ("quarter", "age", "n", "population", "citation"),
    "unit_costs": ("offence_group", "gbp", "price_year", "citation"),
    "harm_weights": ("offence_group", "days", "edition", "citation"),
    "interventions": (
        "intervention_id", "place_code", "starts_on", "ends_on", "nights", "hours", "hypothesis", "outcome_definition",
        "declared_on", "owner",
    ),
}  # fmt: skip
"""Files of figures that somebody entered with their source, or declared, and their columns."""
CENTRES_FILE, GAZETTEER_FILE, EVENTS_FILE = "town_centres.geojson", "gazetteer.csv", "local_events.csv"


def load_area(folder: Path) -> Area:
    """Return the area that a folder describes.

    Reads area.toml, definitions.toml, town_centres.geojson and, where they exist, gazetteer.csv, local_events.csv and
    the files of `FIGURES`. Raises AreaError naming the file, the key or line, and the next action.
    """
    settings = _read_toml(folder / AREA_FILE)
    facts = dict(settings.pop("area", {})) | settings
    for name, source in dict(facts.get("sources", {})).items():
        if isinstance(source, dict):
            source["source"] = name
    said = _read_toml(folder / DEFINITIONS_FILE)
    facts["definitions"], facts["offence_groups"] = (
        said.get("definitions", []),
        said.get("offence_groups", []),
    )
    facts["town_centres"] = _read_centres(folder / CENTRES_FILE, str(facts.get("places", {}).get("crs", "")))
    facts["gazetteer"] = _read_rows(folder / GAZETTEER_FILE, ("name", "kind", "centre_code"))
    facts["local_events"] = _read_rows(folder / EVENTS_FILE, ("evening", "event", "centre_code", "title"))
    facts |= {name: _read_rows(folder / f"{name}.csv", columns) for name, columns in FIGURES.items()}
    try:
        area = Area.model_validate(facts)
    except ValidationError as problem:
        raise AreaError(_explain(folder, problem)) from problem
    for source in area.sources.values():
        if form := unreadable_format(source.time_formats, area.zone_of(source).key):
            raise AreaError(
                f"{folder.name}/{AREA_FILE}: sources.{source.source}.time_formats: times cannot be read right by "
                f"{form!r}. It needs a date, hours and minutes, and %z where an offset such as Z or +01:00 is written."
            )
    return area


def _explain(folder: Path, problem: ValidationError) -> str:
    lines = []
    for error in problem.errors():
        where = [str(part) for part in error["loc"]]
        head = where[0] if where else ""
        file = {name: f"{name}.csv" for name in FIGURES} | {
            "definitions": DEFINITIONS_FILE,
            "offence_groups": DEFINITIONS_FILE,
            "town_centres": CENTRES_FILE,
            "gazetteer": GAZETTEER_FILE,
            "local_events": EVENTS_FILE,
        }
        said = error["msg"].removeprefix("Value error, ")
        lines.append(f"{folder.name}/{file.get(head, AREA_FILE)}: {'.'.join(where) or 'whole file'}: {said}")
    return "\n".join([*lines, f"Correct this in the folder {folder} and run `nte doctor`."])


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # as spreadsheets save it
    except FileNotFoundError as problem:
        raise AreaError(
            f"{path}: no such file. NTE_AREA must name a folder with {AREA_FILE}, {DEFINITIONS_FILE} "
            f"and {CENTRES_FILE}; copy areas/derbyshire to start a new one."
        ) from problem
    except UnicodeDecodeError as problem:
        raise AreaError(f"{path}: not UTF-8 text ({problem.reason}). Save it as UTF-8.") from problem


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read_text(path))
    except tomllib.TOMLDecodeError as problem:
        raise AreaError(f"{path}: {problem}. Correct that line.") from problem


def _read_rows(path: Path, columns: Iterable[str]) -> list[dict[str, str | None]]:
    if not path.exists():
        return []
    reader = csv.DictReader(_read_text(path).splitlines())
    wanted = list(columns)
    if lost := [name for name in wanted if name not in (reader.fieldnames or [])]:
        raise AreaError(f"{path}: line 1 has no column {', '.join(lost)}. It needs {', '.join(wanted)}.")
    return [{name: row[name] or None for name in wanted} for row in reader]


def _read_centres(path: Path, crs: str) -> list[dict[str, object]]:
    try:
        collection = json.loads(_read_text(path))
    except json.JSONDecodeError as problem:
        raise AreaError(f"{path}: line {problem.lineno}: {problem.msg}. Correct that line.") from problem
    try:
        to_area = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    except Exception as problem:
        raise AreaError(
            f"{AREA_FILE}: places.crs: {crs!r} is not a coordinate system; write one like 'EPSG:27700'."
        ) from problem
    features = collection.get("features", [])
    return [_centre(path, n, feature, to_area) for n, feature in enumerate(features)]


def _centre(path: Path, number: int, feature: dict[str, Any], to_area: Transformer) -> dict[str, object]:
    facts = dict(feature.get("properties") or {})
    shape = feature.get("geometry") or {}
    if shape.get("type") != "Polygon":
        raise AreaError(f"{path}: features[{number}] has no Polygon geometry. Draw one for each town centre.")
    ring = shape["coordinates"][0]
    facts.setdefault("latitude", sum(p[1] for p in ring[:-1]) / (len(ring) - 1))
    facts.setdefault("longitude", sum(p[0] for p in ring[:-1]) / (len(ring) - 1))
    if "x" not in facts:
        facts["x"], facts["y"] = to_area.transform(facts["longitude"], facts["latitude"])
    facts["boundary"] = tuple(to_area.transform(p[0], p[1]) for p in ring)
    return facts
