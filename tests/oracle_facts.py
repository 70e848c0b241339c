"""What happened, one plain entry a thing that counts: the second half of the oracle, for months and for questions.

Loops over the newest rows of the deliveries, written from the contract and the area's code lists alone; no code of the
service. An occurrence has the time and place of its earliest offence that counts, and is described by its gravest.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

from tests.oracle import (
    LONDON,
    Counts,
    Places,
    Row,
    count,
    covered_nights,
    definitions_of_crime,
    files_known,
    hours_covered,
    letters,
    local,
    newest,
    night_of,
)

SOURCES = ("police", "emas", "ae")
KEYS = {"police": "crime_ref", "emas": "incident_ref", "ae": "attendance_ref"}
ALERT = "nte-violence"
BOARD = ("sv-2021", "sv-2025")
NIGHTS = {"Fri": "fri_sat_night", "Sat": "fri_sat_night", "Sun": "sunday_night"}
GRAVEST_FIRST = (
    ("homicide", {"1", "4.1", "4.2"}), ("attempted_murder", {"2"}), ("gbh_with_intent", {"5D", "5E"}),
    ("gbh_without_intent", {"8N/20"}), ("robbery_personal", {"34B"}), ("robbery_business", {"34A"}),
    ("abh", {"8N", "8P", "8S", "8T"}), ("threats_to_kill", {"3B"}), ("assault_without_injury", {"105A", "105B", "104"}),
    ("harassment_and_disorder", {"8L", "62A"}), ("possession", {"10A", "10B", "10C", "10D", "81", "90"}),
)  # fmt: skip
RANKED = {code: (n, group) for n, (group, codes) in enumerate(GRAVEST_FIRST) for code in codes}
WITHOUT_VICTIM = {"robbery_business", "possession"}
INJURIES = {"penetrating": "penetrating_injury", "assault": "assault"}
AGES = {
    "0-17": "under_18",
    "18-24": "18_24",
    "25-34": "25_and_over",
    "35+": "25_and_over",
    "25+": "25_and_over",
}
LOCATIONS = {
    "police": {
        "street": "public_place", "car_park": "public_place", "transport": "transport", "takeaway": "takeaway",
        "licensed_premises": "licensed_premises",
    },
    "emas": {"street": "public_place", "licensed_premises": "licensed_premises", "other": "other"},
    "ae": {"licensed": "licensed_premises", "street": "public_place", "other": "other"},
}  # fmt: skip
METHODS = {
    "knife_sharp": "sharp_object", "glass_bottle": "glass_or_bottle", "blunt": "blunt_object",
    "fist_foot": "bodily_force", "other": "other",
}  # fmt: skip
FLAGS = {"Y": "yes", "N": "no"}
ELSEWHERE = {"homeaddress", "ownaddress", "privateaddress", "athome", "home", "countrylane"}
SAYS_NO_PLACE = {"", "notknown", "unknown", "nk", "notstated", "notrecorded"}
MOST_HOURS = timedelta(hours=12)
Earlier = tuple[bool, float, str]
Graver = tuple[int, bool]


@dataclass(frozen=True)
class Fact:
    """An occurrence, an offence with or without a victim, a call that was attended, or an attendance."""

    source: str
    definition: str
    when: datetime | None
    """Local; None where the hour is not known."""
    day: date
    """The evening of its night, else its local date."""
    part: str
    district: str
    group: str
    knife: str = "unknown"
    alcohol: str = "unknown"
    age: str = "unknown"
    location: str = "unknown"
    method: str = "unknown"
    incidents: int = 0
    offences: int = 0
    victims: int = 0

    @property
    def month(self) -> date:
        return self.day.replace(day=1)

    @property
    def is_at_night(self) -> bool:
        return self.part.endswith("night")

    @property
    def is_in_hours(self) -> bool:
        """The Board's measures have all hours, the alerts' have nights."""
        return self.definition != ALERT or self.part != "day"


@dataclass(frozen=True)
class Visit:
    """One attendance, and what its hospital says of it."""

    site: str
    month: date
    has_time: bool
    is_exact: bool
    place: str
    """centre | elsewhere | unmatched | none"""
    method: str
    knows_police: bool
    lag_days: float | None
    """From the assault to the morning of the daily file that brought it first; None where a history load did."""


def span_of(row: Row, source: str) -> tuple[datetime, datetime]:
    """From when to when it may have been."""
    if source == "police":
        return local(row["committed_from"]), local(row["committed_to"] or row["committed_from"])
    at = local(row["call_connect_at"] if source == "emas" else row["assault_at"] or row["arrival_at"])
    return at, at


def in_time(row: Row, source: str) -> tuple[datetime | None, date, str]:
    """When it was, its day, and the part of the week; of what does not say its hour the day alone."""
    start, end = span_of(row, source)
    is_vague = source == "ae" and row["assault_at"] and row["assault_time_precision"] in ("date", "unknown")
    if is_vague or end - start > MOST_HOURS:
        return None, start.astimezone(LONDON).date(), "unknown"
    here = (start + (end - start) / 2).astimezone(LONDON)
    evening = night_of(here)
    return (
        here,
        evening or here.date(),
        "day" if evening is None else NIGHTS.get(f"{evening:%a}", "other_night"),
    )


class Deliveries:
    """What the files of an inbox say, as known on a morning."""

    def __init__(self, inbox: Path, area: Path, morning: date, places: Places | None = None) -> None:
        self.inbox, self.area, self.morning = inbox, area, morning
        self.places = places or Places(area / "town_centres.geojson", area / "gazetteer.csv")
        self.centres = {c["centre_code"]: c for c in self.places.circles}
        self.districts = sorted({c["district"] for c in self.places.circles})

    def on(self, morning: date) -> "Deliveries":
        """The same as known on an earlier morning."""
        return Deliveries(self.inbox, self.area, morning, self.places)

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        return {s: list(newest(self.inbox, s, KEYS[s], self.morning).values()) for s in SOURCES}

    @cached_property
    def nights(self) -> Counts:
        return count(self.inbox, self.places, self.morning)

    @cached_property
    def covered(self) -> dict[str, set[date]]:
        return {s: covered_nights(self.inbox, s, self.morning) for s in SOURCES}

    @cached_property
    def days(self) -> dict[str, set[date]]:
        """The days of each source whose hours between two nights are accounted for, from its first month on."""
        found: dict[str, set[date]] = {}
        for source in SOURCES:
            hours: dict[date, int] = defaultdict(int)
            for hour in hours_covered(self.inbox, source, self.morning):
                here = hour.astimezone(LONDON)
                hours[here.date()] += 6 <= here.hour < 18
            first = min(self.covered[source]).replace(day=1)
            found[source] = {day for day, n in hours.items() if n == 12 and first <= day < self.morning}
        return found

    def night(self, source: str, centre: str, evening: date) -> int | None:
        """The count of one night; None where no delivery accounts for it, or the source does not serve the centre."""
        if evening not in self.covered[source] or source not in self.centres[centre]["covered_by"]:
            return None
        return self.nights.get((source, evening, ALERT, centre), 0)

    def district_of(self, place: str, stated: str = "") -> str:
        """The district of a town centre, else the one that the record states."""
        return str(self.centres[place]["district"]) if place in self.centres else stated

    def months_reached(self, source: str = "police") -> list[date]:
        """The months from a source's first covered night to the last one that has ended."""
        day, found = min(self.covered[source]).replace(day=1), []
        while day < self.morning:
            found.append(day)
            day = (day + timedelta(days=31)).replace(day=1)
        return found

    @cached_property
    def facts(self) -> list[Fact]:
        return [*self._of_police(), *self._of_emas(), *self._of_ae()]

    def _of_police(self) -> Iterator[Fact]:
        occurrences: dict[tuple[str, str], list[tuple[Earlier, Graver, Fact]]] = defaultdict(list)
        for crime in self.rows["police"]:
            when, day, part = in_time(crime, "police")
            stated = crime["district"] if crime["district"] in self.districts else ""
            district = self.district_of(self.places.of_point(crime["easting"], crime["northing"]), stated)
            rank, group = RANKED.get(crime["ho_code"], (len(GRAVEST_FIRST), "not_stated"))
            for definition in definitions_of_crime(crime):
                offence = Fact(
                    "police", definition, when, day, part, district, group, FLAGS.get(crime["flag_knife"], "unknown"),
                    FLAGS.get(crime["flag_alcohol"], "unknown"), AGES.get(crime["victim_age_band"], "unknown"),
                    LOCATIONS["police"].get(crime["location_type"], "unknown"), offences=1, victims=int(group not in WITHOUT_VICTIM),
                )  # fmt: skip
                if offence.is_in_hours:
                    yield offence
                earliest = when is None, when.timestamp() if when else 0.0, crime["crime_ref"]
                occurrences[crime["occurrence_ref"], definition].append(
                    (earliest, (rank, offence.knife != "yes"), offence)
                )
        for crimes in occurrences.values():
            where = min(crimes, key=lambda c: c[0])[2]
            what = min(crimes, key=lambda c: (c[1], c[0]))[2]
            occurrence = replace(
                what, when=where.when, day=where.day, part=where.part, district=where.district,
                incidents=1, offences=0, victims=0,
            )  # fmt: skip
            if occurrence.is_in_hours:
                yield occurrence

    def _of_emas(self) -> Iterator[Fact]:
        for call in self.rows["emas"]:
            if call["violence_class"] not in INJURIES or call["outcome"] not in ("conveyed", "see_and_treat"):
                continue
            place = self.places.of_point(call["easting"], call["northing"])
            attended = Fact(
                "emas", ALERT, *in_time(call, "emas"), self.district_of(place), INJURIES[call["violence_class"]],
                alcohol=FLAGS.get(call["flag_alcohol"], "unknown"), location=LOCATIONS["emas"].get(call["location_type"], "unknown"),
                incidents=1, victims=1,
            )  # fmt: skip
            if attended.is_in_hours:
                yield attended

    def _of_ae(self) -> Iterator[Fact]:
        for visit in self.rows["ae"]:
            place = self.places.of_text(visit["place_text"], visit["site_code"])
            attendance = Fact(
                "ae", ALERT, *in_time(visit, "ae"), self.district_of(place), "not_stated", age=AGES.get(visit["age_band"], "unknown"),
                location=LOCATIONS["ae"].get(visit["place_type"], "unknown"), method=METHODS.get(visit["assault_method"], "unknown"),
                incidents=1, victims=1,
            )  # fmt: skip
            if attendance.is_in_hours:
                yield attendance

    @cached_property
    def visits(self) -> list[Visit]:
        """Every attendance of a hospital that the area knows, of all hours."""
        first: dict[str, tuple[date, bool]] = {}
        for path in files_known(self.inbox, "ae", self.morning):
            with path.open(newline="", encoding="utf-8-sig") as file:
                for row in csv.DictReader(file):
                    is_daily = len(path.stem) == len("ae_2026-02-10")
                    first.setdefault(row["attendance_ref"], (date.fromisoformat(path.stem[-10:]), is_daily))
        return [
            self._visit(row, *first[row["attendance_ref"]])
            for row in self.rows["ae"]
            if row["site_code"] in ("RTG", "RFS")
        ]

    def _visit(self, row: Row, known: date, is_daily: bool) -> Visit:
        when, day, _ = in_time(row, "ae")
        morning = datetime(known.year, known.month, known.day, 6, tzinfo=LONDON)
        said = letters(row["place_text"])
        place = self.places.of_text(row["place_text"], row["site_code"])
        return Visit(
            row["site_code"], day.replace(day=1), bool(row["assault_at"]), row["assault_time_precision"] == "exact",
            "centre" if place != "unplaced" else "elsewhere" if said in ELSEWHERE else "none" if said in SAYS_NO_PLACE else "unmatched",
            METHODS.get(row["assault_method"], "unknown"), row["police_informed"] in FLAGS,
            (morning.timestamp() - when.timestamp()) / 86_400 if is_daily and when else None,
        )  # fmt: skip

    def read(self, name: str) -> list[Row]:
        """A table of the area folder."""
        with (self.area / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))


def tally(facts: Iterable[Fact], key: Callable[[Fact], Any]) -> dict[Any, list[int]]:
    """Occurrences, offences and victims by what `key` says."""
    found: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for fact in facts:
        sums = found[key(fact)]
        sums[0] += fact.incidents
        sums[1] += fact.offences
        sums[2] += fact.victims
    return found


def middle(values: Iterable[float | None]) -> float | None:
    """The median of what is known."""
    known = [value for value in values if value is not None]
    return median(known) if known else None
