"""A second, slow and obvious way to count: plain loops over the CSV files, written from the contract alone.

It shares no code with the service. `python -m tests.oracle INBOX CENTRES.geojson GAZETTEER.csv` prints its
counts, so that a person can compare any inbox.
"""

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
NTE = {"1", "2", "4.1", "4.2", "5D", "5E", "8N", "8N/20", "8P", "105A", "105B", "34B"}
SV = {"1", "2", "4.1", "4.2", "5D", "5E", "8N/20", "34A", "34B", "10A", "10B", "10C", "10D", "81", "90"}
ABH = {"8N", "8P", "8S", "8T"}
VIOLENCE = {"3B", "8N", "8P", "8S", "8T", "8L", "62A", "104", "105A", "105B"}
Row = dict[str, str]
Counts = dict[tuple[str, date, str, str], int]
"""(source, evening, definition, place) → incidents."""


def local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=LONDON).astimezone(UTC)


def night_of(instant: datetime) -> date | None:
    here = instant.astimezone(LONDON)
    if here.hour >= 18:
        return here.date()
    if here.hour < 6:
        return here.date() - timedelta(days=1)
    return None


def files_known(inbox: Path, source: str, morning: date) -> list[Path]:
    """The deliveries that are known on a morning, oldest first; a history load the day after its last date."""
    found = []
    for path in inbox.glob(f"{source}/*.csv"):
        days = [date.fromisoformat(d) for d in re.findall(r"\d{4}-\d\d-\d\d", path.name)]
        known = days[-1] + timedelta(days=1) if len(days) == 2 else days[0]
        if known <= morning:
            found.append((known, len(days) == 1, path))
    return [path for _, _, path in sorted(found)]


def read(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def newest(inbox: Path, source: str, key: str, morning: date) -> dict[str, Row]:
    best: dict[str, Row] = {}
    for path in files_known(inbox, source, morning):
        for row in read(path):
            before = best.get(row[key])
            if before is None or int(row["record_version"]) >= int(before["record_version"]):
                best[row[key]] = row
    return best


def hours_covered(inbox: Path, source: str, morning: date) -> set[datetime]:
    """Every hour that a manifest accounts for."""
    hours: set[datetime] = set()
    for path in files_known(inbox, source, morning):
        manifest = json.loads(path.with_suffix(".json").read_text())
        at = datetime.fromisoformat(manifest["covers_from"]).replace(tzinfo=LONDON).astimezone(UTC)
        end = datetime.fromisoformat(manifest["covers_to"]).replace(tzinfo=LONDON).astimezone(UTC)
        while at < end:
            hours.add(at)
            at += timedelta(hours=1)
    return hours


def covered_nights(inbox: Path, source: str, morning: date) -> set[date]:
    """Hour by hour: a night is covered when each of its hours is."""
    nights: dict[date, int] = defaultdict(int)
    for hour in hours_covered(inbox, source, morning):
        evening = night_of(hour)
        if evening:
            nights[evening] += 1
    return {evening for evening, n in nights.items() if n == n_hours(evening)}


def n_hours(evening: date) -> int:
    opens = datetime(evening.year, evening.month, evening.day, 18, tzinfo=LONDON).astimezone(UTC)
    next_day = evening + timedelta(days=1)
    closes = datetime(next_day.year, next_day.month, next_day.day, 6, tzinfo=LONDON).astimezone(UTC)
    return int((closes - opens).total_seconds() // 3600)


class Places:
    """Circles and the gazetteer, searched one by one."""

    def __init__(self, geojson: Path, gazetteer: Path) -> None:
        features = json.loads(geojson.read_text())["features"]
        self.circles = [f["properties"] for f in features]
        with gazetteer.open(newline="") as file:
            self.names = [(r["name"], r["centre_code"]) for r in csv.DictReader(file)]
        self.by_gram: dict[str, set[int]] = defaultdict(set)
        self.forms: list[tuple[str, int, str]] = []
        towns = {c["centre_code"]: c["name"] for c in self.circles}
        for name, code in self.names:
            for tail in {
                "",
                towns[code],
                towns[code].split()[0],
                towns[code] + towns[code],
                towns[code] + towns[code].split()[0],
                2 * towns[code].split()[0],
            }:
                self.forms.append((letters(name + tail), len(letters(name)), code))
        for i, (form, _, _) in enumerate(self.forms):
            for gram in grams(form):
                self.by_gram[gram].add(i)
        self.known: dict[tuple[str, str], str] = {}

    def of_point(self, easting: str, northing: str) -> str:
        try:
            x, y = float(easting), float(northing)
        except ValueError:
            return "unplaced"
        if not (398000 <= x <= 456000 and 310000 <= y <= 408000):
            return "unplaced"
        inside = [
            (((x - c["x"]) ** 2 + (y - c["y"]) ** 2) ** 0.5, c["centre_code"])
            for c in self.circles
            if ((x - c["x"]) ** 2 + (y - c["y"]) ** 2) ** 0.5 <= c["radius_m"]
        ]
        return min(inside)[1] if inside else "outside_any_centre"

    def of_text(self, text: str, site: str) -> str:
        if (text, site) not in self.known:
            self.known[text, site] = self._search(text, site)
        return self.known[text, site]

    def _search(self, text: str, site: str) -> str:
        said = letters(text)
        tails = [said, *(said[n:] for n in (6, 7, 8) if edits(said[:n], "outside") <= 1)]
        scored: dict[str, float] = {}
        for tail in tails:
            shared: dict[int, int] = defaultdict(int)
            for gram in grams(tail):
                for i in self.by_gram.get(gram, ()):
                    shared[i] += 1
            for i, n in shared.items():
                form, length, code = self.forms[i]
                if n >= 0.4 * len(form) and abs(len(form) - len(tail)) <= 3:
                    scored[code] = max(scored.get(code, 0), 1 - edits(tail, form) / length)
        best = max(scored.values(), default=0)
        if best < 0.85:
            return "unplaced"
        close = {code for code, score in scored.items() if score >= best - 0.05}
        if len(close) > 1:
            near = {c["centre_code"] for c in self.circles if site in c["sites"].get("ae", [])}
            close &= near if all(scored[c] == best for c in close) else set()
        return close.pop() if len(close) == 1 else "unplaced"


def letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())


def grams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def edits(a: str, b: str) -> int:
    """Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


def definitions_of_crime(row: Row) -> set[str]:
    if row["status"] in ("cancelled", "transferred") or row["flag_domestic"] == "Y":
        return set()
    code, knife = row["ho_code"], row["flag_knife"] == "Y"
    found = set()
    if code in NTE or (code == "3B" and knife):
        found.add("nte-violence")
    if code in SV or (code in VIOLENCE and knife):
        found.add("sv-2021")
    if code in SV or code in ABH or (code in VIOLENCE and knife):
        found.add("sv-2025")
    return found


def count_police(inbox: Path, places: Places, morning: date) -> Counts:
    occurrences: dict[tuple[str, str], list[tuple[datetime, str, Row]]] = defaultdict(list)
    for crime in newest(inbox, "police", "crime_ref", morning).values():
        start, end = local(crime["committed_from"]), local(crime["committed_to"] or crime["committed_from"])
        if end - start > timedelta(hours=12):
            continue
        for definition in definitions_of_crime(crime):
            when = start + (end - start) / 2
            occurrences[crime["occurrence_ref"], definition].append((when, crime["crime_ref"], crime))
    counts: Counts = defaultdict(int)
    for (_, definition), crimes in occurrences.items():
        when, _, crime = min(crimes, key=lambda c: c[:2])
        evening = night_of(when)
        if evening:
            counts["police", evening, definition, places.of_point(crime["easting"], crime["northing"])] += 1
    return counts


def count_emas(inbox: Path, places: Places, morning: date) -> Counts:
    counts: Counts = defaultdict(int)
    for call in newest(inbox, "emas", "incident_ref", morning).values():
        if call["violence_class"] not in ("assault", "penetrating"):
            continue
        if call["outcome"] not in ("conveyed", "see_and_treat"):
            continue
        evening = night_of(local(call["call_connect_at"]))
        if evening:
            counts["emas", evening, "nte-violence", places.of_point(call["easting"], call["northing"])] += 1
    return counts


def count_ae(inbox: Path, places: Places, morning: date) -> Counts:
    counts: Counts = defaultdict(int)
    for visit in newest(inbox, "ae", "attendance_ref", morning).values():
        evening = night_of(local(visit["assault_at"] or visit["arrival_at"]))
        if evening:
            counts[
                "ae", evening, "nte-violence", places.of_text(visit["place_text"], visit["site_code"])
            ] += 1
    return counts


def count(inbox: Path, places: Places, morning: date) -> Counts:
    """The counts of all sources as known on a morning, on covered nights; zeros are left out."""
    everything: Counts = {}
    for source, counter in (("police", count_police), ("emas", count_emas), ("ae", count_ae)):
        covered = covered_nights(inbox, source, morning)
        counted = counter(inbox, places, morning)
        everything |= {key: n for key, n in counted.items() if key[1] in covered}
    return everything


if __name__ == "__main__":
    folder, geojson, gazetteer = (Path(a) for a in sys.argv[1:4])
    last = max(date.fromisoformat(p.stem[-10:]) for p in folder.glob("*/*.csv"))
    for key, n in sorted(count(folder, Places(geojson, gazetteer), last).items()):
        print(*key, n, sep=",")
