"""The area as the simulation sees it: town centres, venues and streets, and events of its own."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

CENTRES_FILE, GAZETTEER_FILE, EVENTS_FILE = "town_centres.geojson", "gazetteer.csv", "local_events.csv"


@dataclass(frozen=True)
class Centre:
    """A town centre as a circle in EPSG:27700 metres, and the sources that serve it."""

    centre_code: str
    name: str
    district: str
    easting: float
    northing: float
    radius_m: float
    has_emas: bool
    ae_sites: tuple[str, ...]
    valid_from: date
    valid_to: date | None

    @property
    def town(self) -> str:
        """Return the town's name as a receptionist writes it."""
        return self.name.removesuffix(" city centre").removesuffix(" town centre")

    def is_valid(self, evening: date) -> bool:
        """Say whether the town centre exists on an evening."""
        return self.valid_from <= evening and (self.valid_to is None or evening <= self.valid_to)


@dataclass(frozen=True)
class Spot:
    """A venue or street of the gazetteer."""

    name: str
    kind: str
    centre_code: str
    easting: float
    northing: float


@dataclass(frozen=True)
class LocalEvent:
    """An event that a town centre (or, without a code, the whole area) has on an evening."""

    evening: date
    event: str
    centre_code: str


@dataclass(frozen=True)
class Ground:
    """Everything of an area folder that the simulation reads besides its figures."""

    centres: tuple[Centre, ...]
    spots: tuple[Spot, ...]
    local_events: tuple[LocalEvent, ...]


def load_ground(area_folder: Path) -> Ground:
    """Return the town centres, gazetteer and local events of an area folder. Raises ValueError."""
    centres = _read_centres(area_folder / CENTRES_FILE)
    codes = {centre.centre_code for centre in centres}
    spots = tuple(
        Spot(row["name"], row["kind"], row["centre_code"], float(row["easting"]), float(row["northing"]))
        for row in _read_rows(area_folder / GAZETTEER_FILE)
        if row["centre_code"] in codes
    )
    events_path = area_folder / EVENTS_FILE
    event_rows = _read_rows(events_path) if events_path.exists() else []
    events = tuple(
        LocalEvent(date.fromisoformat(row["evening"]), row["event"], row["centre_code"]) for row in event_rows
    )
    return Ground(centres, spots, events)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as problem:
        raise ValueError(f"{path}: no such file. The simulation needs the area folder complete.") from problem


def _read_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(_read_text(path).splitlines()))


def _read_centres(path: Path) -> tuple[Centre, ...]:
    features = json.loads(_read_text(path)).get("features", [])
    if not features:
        raise ValueError(f"{path}: no town centres. Draw at least one.")
    try:
        return tuple(_centre(feature["properties"]) for feature in features)
    except KeyError as problem:
        raise ValueError(f"{path}: a town centre has no {problem}. Add that property.") from problem


def _centre(facts: Mapping[str, Any]) -> Centre:
    covered_by = facts.get("covered_by")
    sites = facts["ae_sites"] if "ae_sites" in facts else facts["sites"].get("ae", [])
    return Centre(
        centre_code=facts["centre_code"],
        name=facts["name"],
        district=facts["district"],
        easting=float(facts["easting"] if "easting" in facts else facts["x"]),
        northing=float(facts["northing"] if "northing" in facts else facts["y"]),
        radius_m=float(facts["radius_m"]),
        has_emas=bool(facts["emas_covers"] if covered_by is None else "emas" in covered_by),
        ae_sites=tuple(sites),
        valid_from=date.fromisoformat(facts.get("valid_from") or date.min.isoformat()),
        valid_to=date.fromisoformat(facts["valid_to"]) if facts.get("valid_to") else None,
    )
