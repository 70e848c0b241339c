"""Exports that look like nothing in our contract, through `nte onboard` unattended: what is mapped right, asked, wrong.

    python -m bench.onboard        prints the table

Each is made of the same made-up rows: columns renamed, reordered, split, combined; times written in other ways; codes
padded; other encodings and forms; columns beside that are nobody's business. `wrong` must be 0 in every row.
"""

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import xlsxwriter
from pyproj import Transformer

from expectations.onboarding.exports import read_export
from expectations.onboarding.personal import find_personal
from expectations.onboarding.proposal import Proposal, needed_roles, propose
from nte.area import Area
from nte.area_files import load_area
from nte.settings import CHECKOUT

Row = dict[str, object]
N_ROWS = 60
POLICE_CODES = ("8N", "5D", "34B", "8P", "8N/20", "105A", "3B", "8L", "90")
TO_DEGREES = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)


def police_rows(first: str = "2026-03-20") -> list[Row]:
    """Return made-up crimes of a fortnight, times as such."""
    draw, start = random.Random(7), datetime.fromisoformat(f"{first}T18:00")  # noqa: S311  nothing secret
    rows = []
    for n in range(N_ROWS):
        at = start + timedelta(minutes=draw.randrange(14 * 24 * 60))
        rows.append(
            {
                "crime_ref": f"17000{61000 + n}/26", "occurrence_ref": f"OC-{88000 + n // 2 * 3}", "record_version": 1,
                "status": draw.choice(["recorded"] * 8 + ["cancelled", "reclassified"]),
                "ho_code": POLICE_CODES[n % len(POLICE_CODES)], "offence_title": "Assault of some kind",
                "committed_from": at, "committed_to": at + timedelta(minutes=draw.choice([0, 5, 20])),
                "reported_at": at + timedelta(minutes=35), "recorded_at": at + timedelta(hours=4),
                "last_modified_at": at + timedelta(hours=6),
                "easting": 435000 + draw.randrange(600), "northing": 336000 + draw.randrange(600),
                "location_type": draw.choice(["street", "licensed_premises", "takeaway", "car_park"]),
                "district": draw.choice(["Derby", "Chesterfield", "Amber Valley"]),
                "flag_alcohol": draw.choice(["Y", "N", ""]), "flag_knife": draw.choice(["Y", "N", "N"]),
                "flag_domestic": draw.choice(["N", "N", "Y"]), "victim_age_band": draw.choice(["0-17", "18-24", "25-34", "35+"]),
            }
        )  # fmt: skip
    return rows


def emas_rows() -> list[Row]:
    """Return made-up ambulance incidents."""
    return [
        {
            "incident_ref": f"EM{26000000 + n * 7}", "record_version": 1 + n % 2, "last_modified_at": row["last_modified_at"],
            "call_connect_at": row["committed_from"], "arrived_at": row["reported_at"],
            "triage_system": "NHS_PATHWAYS", "triage_code": "",
            "violence_class": ("assault", "penetrating", "none", "unknown")[n % 4],
            "outcome": ("conveyed", "see_and_treat", "hear_and_treat", "duplicate")[n % 4],
            "easting": row["easting"], "northing": row["northing"], "location_type": ("street", "licensed_premises", "other")[n % 3],
            "flag_alcohol": row["flag_alcohol"], "hospital_code": ("RTG", "RFS", "")[n % 3],
        }
        for n, row in enumerate(police_rows())
    ]  # fmt: skip


def ae_rows() -> list[Row]:
    """Return made-up attendances."""
    places = ("Market Place, Derby", "outside the Blue Bellows", "Chesterfield bus station", "home address", "Sadler Gate", "not known", "Ilkeston Bath Street")  # fmt: skip
    return [
        {
            "attendance_ref": f"A{7100200 + n * 11}", "record_version": 1, "last_modified_at": row["last_modified_at"],
            "site_code": ("RTG", "RFS")[n % 2], "arrival_at": row["reported_at"], "assault_at": row["committed_from"],
            "assault_time_precision": ("exact", "hour", "daypart")[n % 3],
            "assault_method": ("fist_foot", "glass_bottle", "knife_sharp", "other")[n % 4],
            "place_type": ("street", "licensed", "other")[n % 3], "place_text": places[n % len(places)],
            "arrival_mode": "walk_in", "police_informed": ("Y", "N", "")[n % 3], "age_band": ("0-17", "18-24", "25+")[n % 3],
        }
        for n, row in enumerate(police_rows())
    ]  # fmt: skip


ROWS: dict[str, Callable[[], list[Row]]] = {"police": police_rows, "emas": emas_rows, "ae": ae_rows}
ROLES = {
    "police": {
        "record_id": "crime_ref", "incident_id": "occurrence_ref", "record_version": "record_version", "state": "status",
        "offence_code": "ho_code", "event_from": "committed_from", "event_to": "committed_to", "x": "easting", "y": "northing",
        "district": "district", "is_domestic": "flag_domestic", "has_knife": "flag_knife", "has_alcohol": "flag_alcohol",
        "age_group": "victim_age_band", "location_group": "location_type",
    },
    "emas": {
        "record_id": "incident_ref", "record_version": "record_version", "state": "outcome", "offence_code": "violence_class",
        "event_from": "call_connect_at", "x": "easting", "y": "northing", "has_alcohol": "flag_alcohol",
        "location_group": "location_type", "hospital_code": "hospital_code", "triage_system": "triage_system",
    },
    "ae": {
        "record_id": "attendance_ref", "record_version": "record_version", "event_from": "assault_at",
        "time_precision": "assault_time_precision", "fallback_at": "arrival_at", "place_text": "place_text",
        "site_code": "site_code", "age_group": "age_band", "location_group": "place_type", "method_group": "assault_method",
        "is_police_informed": "police_informed",
    },
}  # fmt: skip
Names = dict[str, str]
NICHE: Names = {
    "crime_ref": "Crime No", "occurrence_ref": "Occurrence No", "record_version": "Version", "status": "Crime Status", "ho_code": "HO Code",
    "offence_title": "Offence Description", "committed_from": "Offence Start Date/Time", "committed_to": "Offence End Date/Time",
    "reported_at": "Date Reported", "recorded_at": "Date Recorded", "last_modified_at": "Last Updated", "easting": "Easting",
    "northing": "Northing", "location_type": "Location Type", "district": "Local Authority", "flag_alcohol": "Alcohol Related",
    "flag_knife": "Knife Crime", "flag_domestic": "Domestic Abuse Flag", "victim_age_band": "Victim Age Group",
}  # fmt: skip
CAMEL: Names = {
    "crime_ref": "CrimeRef", "occurrence_ref": "IncidentRef", "record_version": "RecordVersion", "status": "RecordStatus",
    "ho_code": "HomeOfficeCode", "offence_title": "OffenceTitle", "committed_from": "CommittedFrom", "committed_to": "CommittedTo",
    "reported_at": "ReportedOn", "recorded_at": "RecordedOn", "last_modified_at": "ModifiedOn", "easting": "GridX", "northing": "GridY",
    "location_type": "PremisesType", "district": "District", "flag_alcohol": "IsAlcohol", "flag_knife": "HasKnife",
    "flag_domestic": "IsDomestic", "victim_age_band": "VicAgeBand",
}  # fmt: skip
SHOUT: Names = {
    "crime_ref": "CRIME_REFERENCE", "occurrence_ref": "OCC_NO", "record_version": "REV", "status": "CURRENT_STATUS", "ho_code": "OFFENCE_CODE",
    "offence_title": "OFFENCE_DESC", "committed_from": "FROM_DTTM", "committed_to": "TO_DTTM", "reported_at": "REPORTED_DTTM",
    "recorded_at": "CREATED_DTTM", "last_modified_at": "UPDATED_DTTM", "easting": "LOC_X", "northing": "LOC_Y",
    "location_type": "LOCATION_CATEGORY", "district": "CSP", "flag_alcohol": "ALC_FLAG", "flag_knife": "KNIFE_IND",
    "flag_domestic": "DOM_FLAG", "victim_age_band": "VIC_AGE_RANGE",
}  # fmt: skip
CALLS: Names = {
    "incident_ref": "CAD Number", "record_version": "Revision", "last_modified_at": "Last Updated", "call_connect_at": "Call Connect Time",
    "arrived_at": "Arrived at Scene", "triage_system": "Triage Tool", "triage_code": "Chief Complaint Code", "violence_class": "Violence Type",
    "outcome": "Incident Outcome", "location_type": "Scene Type", "flag_alcohol": "Alcohol Involved", "hospital_code": "Receiving Hospital",
}  # fmt: skip
ISTV: Names = {
    "attendance_ref": "Attendance ID", "record_version": "Version No", "site_code": "Site Code of Treatment", "arrival_at": "Arrival Date Time",
    "assault_at": "Assault Date Time", "assault_time_precision": "Precision of Assault Time", "assault_method": "Method of Assault",
    "place_type": "Assault Location Type", "place_text": "Assault Location Description", "arrival_mode": "Arrival Mode",
    "police_informed": "Police Informed?", "age_band": "Age Band", "last_modified_at": "Updated On",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """An export, and what is right."""

    what: str
    source: str
    content: bytes
    expected: Mapping[str, tuple[str, ...]]
    """Columns of the file by role."""
    form: str
    """Format of the event's time; empty where it must be asked."""
    asked: frozenset[str] = field(default_factory=frozenset)
    """What nobody could know: it must be asked, never taken."""


def make(
    what: str,
    source: str,
    *,
    names: Mapping[str, str] | None = None,
    form: str = "%Y-%m-%d %H:%M:%S",
    shape: Callable[[Row], Row] = lambda row: row,
    order: int | None = None,
    write: Callable[[list[list[object]]], bytes] | None = None,
    parts: Mapping[str, tuple[str, ...]] | None = None,
    rows: list[Row] | None = None,
    lost: Sequence[str] = (),
    asked: Sequence[str] = (),
    is_typed: bool = False,
) -> Case:
    """Return a case: rows in another shape, under other names, in another order, written as a file."""
    shaped = [shape(dict(row)) for row in rows or ROWS[source]()]
    called = {column: (names or {}).get(column, column) for column in shaped[0]}
    columns = list(shaped[0])
    if order is not None:
        random.Random(order).shuffle(columns)  # noqa: S311
    table: list[list[object]] = [[called[column] for column in columns]]
    table += [[_cell(row[column], form, is_typed=is_typed) for column in columns] for row in shaped]
    made = dict(parts or {})
    expected = {r: made.get(r) or (called[c],) for r, c in ROLES[source].items() if c in called or r in made}
    expected |= made
    expected = {role: columns for role, columns in expected.items() if role not in lost}
    return Case(
        what, source, (write or as_csv)(table), expected, "" if "times" in asked else form, frozenset(asked)
    )


def _cell(value: object, form: str, *, is_typed: bool) -> object:
    if isinstance(value, datetime) and not is_typed:
        return value.strftime(form)
    return value


def as_csv(
    table: list[list[object]],
    delimiter: str = ",",
    encoding: str = "utf-8",
    before: str = "",
    after: str = "",
) -> bytes:
    """Return a table as text."""
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(table)
    return (before + file.getvalue() + after).encode(encoding)


def as_xlsx(
    table: list[list[object]], titles: Sequence[Sequence[object]] = (), *, beside: bool = False
) -> bytes:
    """Return a table as a workbook, under titles; `beside`: behind a sheet of notes."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        if beside:
            book.add_worksheet("Notes").write_row(0, 0, ["Extract of the records system"])
        sheet = book.add_worksheet("Data")
        for n, row in enumerate([*titles, *table]):
            sheet.write_row(n, 0, row)
    return file.getvalue()


def zipped(content: bytes, name: str = "extract.csv") -> bytes:
    """Return an archive of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


def combine(text: Callable[[float, float], str], name: str = "coordinates") -> Callable[[Row], Row]:
    """Return a change that writes both coordinates into one column."""

    def shape(row: Row) -> Row:
        east, north = float(str(row.pop("easting"))), float(str(row.pop("northing")))
        return row | {name: text(east, north)}

    return shape


def degrees(row: Row) -> Row:
    """Write coordinates as longitude and latitude."""
    lon, lat = TO_DEGREES.transform(float(str(row["easting"])), float(str(row["northing"])))
    return row | {"easting": f"{lon:.6f}", "northing": f"{lat:.6f}"}


def replaced(column: str, change: Callable[[object], object]) -> Callable[[Row], Row]:
    """Return a change of one column's values."""
    return lambda row: row | {column: change(row[column])}


def beside(**more: object) -> Callable[[Row], Row]:
    """Return a change that adds columns, before all others."""
    return lambda row: more | row


def serial(value: object) -> object:
    """Return a time as spreadsheets count days."""
    return (
        (value - datetime.fromisoformat("1899-12-30")) / timedelta(days=1)
        if isinstance(value, datetime)
        else value
    )


def all_serial(row: Row) -> Row:
    """Write every time as a number of days."""
    return {name: serial(value) for name, value in row.items()}


DAY_FIRST, MONTH_FIRST, BRITISH = "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S"
AMBIGUOUS = [row | {k: v.replace(day=1 + v.day % 12, month=4) for k, v in row.items() if isinstance(v, datetime)} for row in police_rows()]  # fmt: skip


def cases() -> Iterator[Case]:
    """Yield the exports."""
    yield make("as agreed", "police")
    yield make("reordered", "police", order=3)
    yield make("renamed", "police", names=NICHE)
    yield make("renamed and reordered", "police", names=CAMEL, order=5)
    yield make("renamed in capitals", "police", names=SHOUT)
    yield make("renamed in capitals, reordered", "police", names=SHOUT, order=11)
    yield make("day first", "police", names=NICHE, form=DAY_FIRST)
    yield make("month first", "police", names=NICHE, form=MONTH_FIRST)
    yield make("day first, seconds, two-figure years", "police", form="%d/%m/%y %H:%M:%S")
    yield make("dates with months in letters", "police", names=CAMEL, form="%d-%b-%Y %H:%M")
    yield make("half-day times", "police", names=SHOUT, form="%d/%m/%Y %I:%M %p")
    yield make("ISO with T and Z", "police", names=NICHE, form="%Y-%m-%dT%H:%M:%SZ")
    yield make(
        "no day over 12: nobody can know",
        "police",
        rows=AMBIGUOUS,
        form=DAY_FIRST,
        names=NICHE,
        asked=["times"],
    )
    yield make("days as numbers in text", "police", names=NICHE, shape=all_serial)
    yield make(
        "Latin-1",
        "police",
        names=NICHE | {"district": "Autorité locale"},
        asked=["district"],
        write=lambda t: as_csv(t, encoding="cp1252"),
    )
    yield make("UTF-16, tabs", "police", names=CAMEL, write=lambda t: as_csv(t, "\t", "utf-16"))
    yield make(
        "semicolons, sep=",
        "police",
        names=NICHE,
        form=DAY_FIRST,
        write=lambda t: as_csv(t, ";", before="sep=;\r\n"),
    )
    yield make(
        "titles and a total",
        "police",
        names=NICHE,
        form=DAY_FIRST,
        write=lambda t: as_csv(
            t, before="Crime extract\r\nRun 01/04/2026 06:00\r\n\r\n", after="Total,60\r\n"
        ),
    )
    yield make("xlsx", "police", names=NICHE, is_typed=True, write=as_xlsx)
    yield make(
        "xlsx, titles, a sheet of notes",
        "police",
        names=SHOUT,
        is_typed=True,
        write=lambda t: as_xlsx(t, [["Crime extract"], ["Run", "today"], []], beside=True),
    )
    yield make("xlsx, days as numbers", "police", names=CAMEL, shape=all_serial, write=as_xlsx)
    yield make("xlsx, times as text, day first", "police", names=NICHE, form=DAY_FIRST, write=as_xlsx)
    yield make("zipped", "police", names=NICHE, write=lambda t: zipped(as_csv(t)))
    yield make(
        "date and time in two columns",
        "police",
        form=DAY_FIRST,
        shape=_two_columns,
        parts={"event_from": ("Offence Date", "Offence Time")},
        lost=["event_to"],
    )
    yield make(
        "combined coordinates",
        "police",
        names=NICHE,
        shape=combine(lambda x, y: f"{x:.0f}, {y:.0f}"),
        parts={"x": ("coordinates",), "y": ("coordinates",)},
    )
    yield make(
        "a point in words, latitude first",
        "police",
        names=NICHE,
        shape=combine(_lat_lon, "Lat/Long"),
        parts={"x": ("Lat/Long",), "y": ("Lat/Long",)},
    )
    yield make(
        "longitude and latitude",
        "police",
        names=NICHE | {"easting": "Longitude", "northing": "Latitude"},
        shape=degrees,
    )
    yield make(
        "coordinates without telling names, reordered",
        "police",
        names=NICHE | {"easting": "Geo1", "northing": "Geo2"},
        order=8,
        asked=["x", "y"],
    )
    yield make("padded codes", "police", names=NICHE, shape=replaced("ho_code", lambda c: f"{c!s:>04}"))
    yield make(
        "codes with their titles",
        "police",
        names=CAMEL,
        shape=replaced("ho_code", lambda c: f"{c} - Assault"),
    )
    yield make("states in capitals, yes and no as 1 and 0", "police", names=SHOUT, shape=_ones_and_zeros)
    yield make(
        "a flag that is always empty",
        "police",
        names=NICHE | {"flag_alcohol": "Alcohol Flag"},
        shape=replaced("flag_alcohol", lambda _: ""),
    )
    yield make(
        "columns with names of people beside",
        "police",
        names=NICHE,
        shape=beside(**{"Victim Name": "Somebody", "OIC": "4411", "DOB": "01/02/1990"}),
    )
    yield make(
        "a home's coordinates beside",
        "police",
        names=NICHE,
        shape=beside(**{"Home Easting": 436100, "Home Northing": 337100, "Beat": "B21"}),
    )
    yield make(
        "two dates that may be it: nobody can know",
        "police",
        names=NICHE | {"committed_from": "Offence Date", "committed_to": "Event Date"},
        lost=["event_to", "event_from"],
        asked=["event_from"],
    )
    yield make("ambulance, renamed", "emas", names=CALLS)
    yield make("ambulance, xlsx, reordered", "emas", names=CALLS, order=2, is_typed=True, write=as_xlsx)
    yield make(
        "ambulance, day first, words in capitals",
        "emas",
        names=CALLS,
        form=BRITISH,
        shape=lambda r: (
            r
            | {
                "violence_class": str(r["violence_class"]).upper(),
                "outcome": str(r["outcome"]).replace("_", " ").title(),
            }
        ),
    )
    yield make("hospital, renamed", "ae", names=ISTV, form=DAY_FIRST)
    yield make(
        "hospital, xlsx with titles",
        "ae",
        names=ISTV,
        is_typed=True,
        write=lambda t: as_xlsx(t, [["ISTV extract"], []]),
    )
    yield make(
        "hospital, reordered, UTF-16, without versions",
        "ae",
        names=ISTV,
        order=4,
        form=BRITISH,
        shape=_without_version,
        write=lambda t: as_csv(t, encoding="utf-16"),
    )
    yield make("ISTV minimum data set, with a key", "ae", names=ISTV_ITEMS, shape=_istv_items)
    yield make("emergency care data set", "ae", shape=_ecds_items, parts=ECDS_COLUMNS)
    yield make(
        "a day and a part of it as numbers",
        "police",
        shape=_day_and_part,
        parts={"event_from": ("Offence Date", "Offence Time")},
        lost=["event_to"],
    )
    yield make(
        "a word before every name",
        "police",
        names={k: f"tbl_{v.replace(' ', '_')}" for k, v in NICHE.items()},
    )
    yield make("dispatch system", "emas", names=DISPATCH, shape=_dispatch_items, form=BRITISH)


ISTV_ITEMS: Names = {
    "attendance_ref": "ATTENDANCE REFERENCE", "site_code": "SITE CODE (OF TREATMENT)", "arrival_at": "ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT",
    "assault_at": "ASSAULT DATE AND TIME", "assault_method": "ASSAULT METHOD", "place_type": "ASSAULT LOCATION TYPE", "place_text": "ASSAULT LOCATION DESCRIPTION",
}  # fmt: skip
DISPATCH: Names = {
    "incident_ref": "Event Number", "call_connect_at": "Call Received", "arrived_at": "Time On Scene", "violence_class": "Final Call Type",
    "outcome": "Disposition", "easting": "X", "northing": "Y",
}  # fmt: skip
ECDS_COLUMNS = {
    "record_id": ("Attendance_Unique_Identifier",), "record_version": ("Record_Version",), "site_code": ("Site_Code_of_Treatment",),
    "fallback_at": ("Arrival_Date", "Arrival_Time"), "event_from": ("EC_Injury_Date", "EC_Injury_Time"), "age_group": ("Age_Range",),
    "x": ("EC_Place_Of_Injury_Longitude",), "y": ("EC_Place_Of_Injury_Latitude",),
}  # fmt: skip


def _istv_items(row: Row) -> Row:
    """Return a row with the items of the minimum data set alone, and the key that it lacks."""
    return {"REPORTING PERIOD START DATE": "2026-03-20"} | {name: row[name] for name in ISTV_ITEMS}


def _ecds_items(row: Row) -> Row:
    """Return a row as national extracts of emergency care name its items."""
    injury, arrival = row["assault_at"], row["arrival_at"]
    assert isinstance(injury, datetime)
    assert isinstance(arrival, datetime)
    n = int(str(row["attendance_ref"])[1:])
    return {
        "Attendance_Unique_Identifier": row["attendance_ref"], "Record_Version": 1, "Site_Code_of_Treatment": row["site_code"],
        "Arrival_Date": f"{arrival:%Y-%m-%d}", "Arrival_Time": f"{arrival:%H:%M:%S}", "Age_Range": row["age_band"],
        "EC_Injury_Date": f"{injury:%Y-%m-%d}", "EC_Injury_Time": f"{injury:%H:%M:%S}", "EC_Injury_Intent_SNOMED_CT": "361269008",
        "EC_Injury_Mechanism_SNOMED_CT": "1", "EC_Place_Of_Injury_Latitude": f"{52.92 + n % 7 / 1000:.5f}",
        "EC_Place_Of_Injury_Longitude": f"{-1.477 - n % 5 / 1000:.5f}",
    }  # fmt: skip


def _dispatch_items(row: Row) -> Row:
    """Return a row of a dispatch system's export."""
    return {name: row[name] for name in DISPATCH} | {
        "Priority": 1,
        "Time Cleared": row["last_modified_at"],
        "Beat": "B1",
    }


def _day_and_part(row: Row) -> Row:
    """Return a row with its event's time as a whole number of days and a part of one."""
    at = float(str(serial(row.pop("committed_from"))))
    row.pop("committed_to")
    return {"Offence Date": int(at), "Offence Time": round(at - int(at), 6), **all_serial(row)}


def _two_columns(row: Row) -> Row:
    at = row.pop("committed_from")
    row.pop("committed_to")
    assert isinstance(at, datetime)
    return {"Offence Date": f"{at:%d/%m/%Y}", "Offence Time": f"{at:%H:%M}", **row}


def _lat_lon(east: float, north: float) -> str:
    lon, lat = TO_DEGREES.transform(east, north)
    return f"({lat:.5f}, {lon:.5f})"


def _ones_and_zeros(row: Row) -> Row:
    flags = {
        name: {"Y": 1, "N": 0}.get(str(row[name]), "")
        for name in ("flag_alcohol", "flag_knife", "flag_domestic")
    }
    return row | flags | {"status": str(row["status"]).upper()}


def _without_version(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "record_version"}


@dataclass(frozen=True)
class Result:
    """What became of a case: of its columns, by role, and of the format of its event's time."""

    right: tuple[str, ...]
    asked: tuple[str, ...]
    lost: tuple[str, ...]
    """Roles with a column that was neither taken nor asked for."""
    wrong: tuple[str, ...]


def judge(case: Case, area: Area) -> Result:
    """Return how a case comes out unattended."""
    source = area.sources[case.source]
    export = read_export(case.content, source)
    proposal = propose(export, source, area, find_personal(export, source, area), {})
    found = _columns_of(proposal)
    asked_of = {question.key for question in proposal.questions}
    times = _form_of(proposal)
    expected = {**case.expected, "form": (case.form,)} if case.form else dict(case.expected)
    if times:
        found["form"] = (times,)
    wrong = [
        r
        for r, columns in found.items()
        if columns != expected.get(r) and not (r == "form" and _is_same(case, times))
    ]
    right = [r for r in found if r not in wrong]
    rest = [role for role in expected if role not in found]
    asked = [
        r
        for r in rest
        if r in asked_of
        or (r in ("x", "y") and "points" in asked_of)
        or (
            r in ("form", "event_from", "event_to")
            and any(k.startswith("times.") or k == "event_from" for k in asked_of)
        )
    ]
    lost = [role for role in rest if role not in asked]
    return Result(
        tuple(right), (*asked, *sorted(asked_of & case.asked - {*asked})), tuple(lost), tuple(wrong)
    )


def _is_same(case: Case, found: str) -> bool:
    """Say whether another format reads the same: of typed dates and numbers that of the service, of `Z` any offset."""
    return found == "%Y-%m-%d %H:%M:%S" or found.replace("%#z", "Z") == case.form


def _columns_of(proposal: Proposal) -> dict[str, tuple[str, ...]]:
    found = {m.role: m.candidate.columns for m in proposal.matches if not m.role.startswith("time:")}
    if points := proposal.points:
        pair = points.columns if len(points.columns) > 1 else points.columns * 2
        found |= {"x": (pair[0],), "y": (pair[1],)}
    return found


def _form_of(proposal: Proposal) -> str:
    event = proposal.match("event_from")
    reading = proposal.readings.get(event.candidate.name) if event else None
    return reading.form if reading else ""


def required(case: Case, area: Area) -> list[str]:
    """Return what must be there of a case: the roles without which nothing counts, coordinates, and the time's format."""
    roles = [*needed_roles(area.sources[case.source], area), "x", "y"]
    return [role for role in roles if role in case.expected] + (["form"] if case.form else [])


def main() -> None:
    """Print the table."""
    area = load_area(CHECKOUT / "areas" / "derbyshire")
    n_needed = n_right = n_wrong = 0
    print(f"{'export':48} {'right':>5} {'asked':>5} {'lost':>5} {'wrong':>5}   what was asked, lost or wrong")
    for case in cases():
        result = judge(case, area)
        needed = required(case, area)
        n_needed, n_right = n_needed + len(needed), n_right + sum(role in result.right for role in needed)
        n_wrong += len(result.wrong)
        counts = [len(part) for part in (result.right, result.asked, result.lost, result.wrong)]
        said = "; ".join(
            f"{w}: {', '.join(p)}"
            for w, p in (("asked", result.asked), ("lost", result.lost), ("wrong", result.wrong))
            if p
        )
        print(f"{case.what:48} " + " ".join(f"{n:5}" for n in counts) + f"   {said}")
    print(
        f"required columns and formats right without asking: {n_right} of {n_needed} ({n_right / n_needed:.1%}); wrong: {n_wrong}"
    )


if __name__ == "__main__":
    main()
