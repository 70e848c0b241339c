"""The texts of a new area's folder, made from those of another one: pure."""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from shapely.geometry import Point

from nte.area import Area

N_CORNERS = 36
METRES_A_DEGREE = 111_320.0
TITLES = {
    "police": "Police, recorded crime",
    "ambulance": "Ambulance service, incidents",
    "hospital": "A&E assault attendances (ISTV)",
    "other": "Another source",
}


@dataclass(frozen=True)
class Place:
    """A town centre as it was given: a point with a radius, or a ring."""

    code: str
    name: str
    district: str
    latitude: float
    longitude: float
    x: float
    y: float
    radius_m: float
    sites: tuple[str, ...] = ()
    """Hospital sites that serve it, by ODS code."""
    ring: list[list[float]] | None = None
    """Its boundary in longitude and latitude, where it has one."""

    @property
    def point(self) -> Point:
        """Return its middle in longitude and latitude."""
        return Point(self.longitude, self.latitude)


def area_toml(  # noqa: PLR0917  what differs from the model
    text: str, model: Area, code: str, name: str, places: Sequence[Place], bounds: Sequence[int]
) -> str:
    """Return the model's area file for another area: its places, districts, channels and readers, no one's contacts."""
    districts = sorted({place.district for place in places})
    sites = sorted({site for place in places for site in place.sites})
    text = re.sub(
        r"\A(#[^\n]*\n)*", f"# {name}. Made by nte area new after the model of {model.name}.\n", text
    )
    text = _with_value(text, "area", "code", json.dumps(code))
    text = _with_value(text, "area", "name", json.dumps(name, ensure_ascii=False))
    text = _with_value(text, "places", "bounds", json.dumps(list(bounds)))
    channels = [f'{_quoted(d)} = "#nte-{_slug(d)}"' for d in districts]
    text = _with_table(text, "slack.district_channels", channels)
    text = _with_table(text, "contacts.districts", [])
    text = _with_table(text, "readers", _readers(districts))
    for source in model.sources.values():
        text = _with_value(
            text, f"sources.{source.source}", "title", f"{_quoted(TITLES[source.kind])}   # to be completed"
        )
        text = _without_value(text, f"sources.{source.source}", "contact")
        text = _without_value(text, f"sources.{source.source}", "recording_changes")
        if source.sites:
            text = _with_value(text, f"sources.{source.source}", "sites", json.dumps(sites))
            text = _without_value(text, f"sources.{source.source}", "site_titles")
        if source.codes.hospital_code:
            known = ", ".join(f"{_quoted(site)} = {_quoted(site)}" for site in sites) or 'none = "none"'
            text = _with_value(text, f"sources.{source.source}.codes", "hospital_code", f"{{ {known} }}")
    return text


def _readers(districts: Iterable[str]) -> list[str]:
    licensing = [
        f'"licensing-{_slug(d)}" = {{ audience = "licensing", districts = [{_quoted(d)}] }}'
        for d in districts
    ]
    return ['"police" = { audience = "police" }', *licensing]


def centres_geojson(places: Sequence[Place], model: Area, name: str) -> str:
    """Return the town centres; a circle stands for each that has no boundary, and says that it is a placeholder."""
    hospitals = [s.source for s in model.sources.values() if s.sites]
    lines = [
        json.dumps(_feature(place, list(model.sources), hospitals), ensure_ascii=False) for place in places
    ]
    title = json.dumps(f"Town centres of {name}: circles wait for surveyed boundaries", ensure_ascii=False)
    return (
        f'{{"type": "FeatureCollection",\n "name": {title},\n "features": [\n' + ",\n".join(lines) + "\n]}\n"
    )


def _feature(place: Place, sources: Sequence[str], hospitals: Sequence[str]) -> dict[str, object]:
    ring = place.ring or _circle(place)
    return {
        "type": "Feature",
        "properties": {
            "centre_code": place.code,
            "name": place.name,
            "district": place.district,
            "latitude": round(place.latitude, 6),
            "longitude": round(place.longitude, 6),
            "x": round(place.x, 1),
            "y": round(place.y, 1),
            "radius_m": None if place.ring else place.radius_m,
            "is_placeholder": place.ring is None,
            "valid_from": "2000-01-01",
            "valid_to": None,
            "covered_by": [source for source in sources if place.sites or source not in hospitals],
            "sites": {source: list(place.sites) for source in hospitals if place.sites},
        },
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _circle(place: Place) -> list[list[float]]:
    angles = [2 * math.pi * n / N_CORNERS for n in range(N_CORNERS)]
    north = place.radius_m / METRES_A_DEGREE
    east = north / math.cos(math.radians(place.latitude))
    ring = [[place.longitude + east * math.cos(a), place.latitude + north * math.sin(a)] for a in angles]
    return [[round(x, 6), round(y, 6)] for x, y in (*ring, ring[0])]


def gazetteer_csv(places: Sequence[Place]) -> str:
    """Return a gazetteer that knows the town centres' own names: the venues are to be added."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["name", "kind", "centre_code", "easting", "northing"])
    rows.writerows(
        [place.name, "town centre", place.code, round(place.x), round(place.y)] for place in places
    )
    return file.getvalue()


def simulation_toml(text: str, places: Sequence[Place]) -> str:
    """Return what simulations draw from: equal shares of all places, and levels that are said to be another area's."""
    districts = sorted({place.district for place in places})
    note = "# Assumed: all alike, until somebody enters better figures."
    text = re.sub(
        r"(?m)^\[published\]\n",
        lambda found: f"{found[0]}# Levels of another area, until somebody enters this one's.\n",
        text,
    )
    text = _with_table(text, "places.town_centre_shares", [note, *_shares([p.code for p in places])])
    text = _with_table(text, "places.district_shares", [note, *_shares(districts)])
    return _with_value(text, "surge", "centre_code", _quoted(places[0].code))


def _shares(names: Sequence[str]) -> list[str]:
    share = round(1 / len(names), 6)
    last = round(1 - share * (len(names) - 1), 6)
    return [f"{_quoted(name)} = {share if name != names[-1] else last}" for name in names]


def _with_table(text: str, table: str, lines: Sequence[str]) -> str:
    """Return a TOML text with what stands in a table replaced; a text that has no such table stays."""
    pattern = rf"(?m)^(\[{re.escape(table)}\][^\n]*\n)(?:(?!\[|# ?-{{5}})[^\n]*\n?)*"
    return re.sub(
        pattern, lambda found: found[1] + "".join(f"{line}\n" for line in (*lines, "")), text, count=1
    )


def _with_value(text: str, table: str, key: str, value: str) -> str:
    """Return a TOML text with the value of a key in a table replaced; one that is not there stays so."""
    return _in_table(text, table, key, lambda _: f"{key} = {value}\n")


def _without_value(text: str, table: str, key: str) -> str:
    """Return a TOML text without a key of a table, nor the lines of comment over it."""
    return _in_table(text, table, key, lambda _: "", before=r"(?:# [^\n]*\n)*")


def _in_table(
    text: str, table: str, key: str, change: Callable[[re.Match[str]], str], before: str = ""
) -> str:
    start = re.search(rf"(?m)^\[{re.escape(table)}\][^\n]*\n", text)
    if start is None:
        return text
    end = re.compile(r"(?m)^\[").search(text, start.end())
    stop = end.start() if end else len(text)
    line = rf"(?m)^{before}{re.escape(key)}[ \t]*=[ \t]*(?:\[[^\]]*\])?[^\n]*\n"  # a list may be of several lines
    part = re.sub(line, change, text[start.end() : stop], count=1)
    return text[: start.end()] + part + text[stop:]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
