"""Writes an area with more town centres than the shipped one: each that is added lies north of one that is there."""

import csv
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from pyproj import Transformer

from bench.history_load import AREA
from nte.area_files import CENTRES_FILE, GAZETTEER_FILE
from simulator.calibration import SIMULATION_FILE

GRID, DEGREES = "EPSG:27700", "EPSG:4326"
TO_GRID = Transformer.from_crs(DEGREES, GRID, always_xy=True)
TO_DEGREES = Transformer.from_crs(GRID, DEGREES, always_xy=True)
NORTH_M = 3_000.0
"""Here nothing is: the circles nearest to each other are then 1.5 km apart."""
Row = dict[str, str]


def write_area(folder: Path, n_centres: int) -> Path:
    """Write the shipped area with `n_centres` town centres to a folder that is not there yet, and return it.

    The models of those that are added are the shipped ones after the city, one each: same district, radius, sources,
    hospitals and number of venues, whose names are new. What is simulated in a model is halved between the two.
    """
    shutil.copytree(AREA, folder)
    collection = json.loads((folder / CENTRES_FILE).read_text(encoding="utf-8"))
    n_shipped = len(collection["features"])
    models = collection["features"][1 : 1 + n_centres - n_shipped]
    if n_shipped + len(models) != n_centres:
        raise ValueError(f"{n_centres} town centres: give {n_shipped} to {2 * n_shipped - 1}.")
    collection["features"] += [_north_of(model) for model in models]
    (folder / CENTRES_FILE).write_text(json.dumps(collection), encoding="utf-8")
    codes = [model["properties"]["centre_code"] for model in models]
    _add_venues(folder / GAZETTEER_FILE, codes)
    figures = folder / SIMULATION_FILE
    figures.write_text(_halved(figures.read_text(encoding="utf-8"), codes), encoding="utf-8")
    return folder


def _north_of(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return a town centre as its model is, moved."""
    facts, (ring,) = model["properties"], model["geometry"]["coordinates"]
    moved = [TO_DEGREES.transform(x, y + NORTH_M) for x, y in (TO_GRID.transform(*at) for at in ring)]
    longitude, latitude = TO_DEGREES.transform(facts["x"], facts["y"] + NORTH_M)
    place = {"longitude": longitude, "latitude": latitude, "y": facts["y"] + NORTH_M}
    names = {"centre_code": _added(facts["centre_code"]), "name": f"North {facts['name']}"}
    return {
        "type": "Feature",
        "properties": facts | place | names,
        "geometry": {"type": "Polygon", "coordinates": [moved]},
    }


def _added(code: str) -> str:
    return f"north-{code}"


def _add_venues(gazetteer: Path, codes: Sequence[str]) -> None:
    """Add the venues and streets of the town centres north of `codes`."""
    with gazetteer.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = _new_names([row["name"] for row in rows if row["kind"] != "street"])
    more = [_moved(row, names) for row in rows if row["centre_code"] in codes]
    with gazetteer.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows([*rows, *more])


def _new_names(names: Sequence[str]) -> Iterator[str]:
    """Return names of venues that nobody has yet, of the words of those that are there: The Blue Anvil, …"""
    _, adjectives, nouns = (sorted(set(words)) for words in zip(*map(str.split, names), strict=True))
    every = (f"The {adjective} {noun}" for adjective, noun in product(adjectives, nouns))
    return (name for name in every if name not in names)


def _moved(row: Row, names: Iterator[str]) -> Row:
    """Return a venue under the next new name, or a street under its own: every town has a High Street."""
    return row | {
        "name": row["name"] if row["kind"] == "street" else next(names),
        "centre_code": _added(row["centre_code"]),
        "northing": f"{float(row['northing']) + NORTH_M:.0f}",
    }


def _halved(text: str, codes: Sequence[str]) -> str:
    """Return what simulations draw from, the share of each town centre of `codes` halved with the one north of it."""
    for code in codes:
        text = re.sub(rf"(?m)^{code} = (\S+)$", partial(_halves, code), text)
    return text


def _halves(code: str, found: re.Match[str]) -> str:
    half = float(found[1]) / 2
    return f"{code} = {half}\n{_added(code)} = {half}"
