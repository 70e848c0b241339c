"""A small house with real folders and a real warehouse, and valid deliveries to plant faults in."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from expectations.steps import Checked, CheckSummary, check_deliveries
from nte.area import Area
from nte.settings import Settings
from nte.tables.deliveries import DELIVERIES, QUARANTINE, VERDICT_REASONS, VERDICTS
from nte.warehouse import open_warehouse
from transforms.steps import conform_deliveries

DAY = date(2026, 3, 25)
"""A Wednesday without a clock change near it."""
COLUMNS = {
    "police": [
        "crime_ref",
        "occurrence_ref",
        "record_version",
        "last_modified_at",
        "status",
        "ho_code",
        "offence_title",
        "committed_from",
        "committed_to",
        "reported_at",
        "recorded_at",
        "easting",
        "northing",
        "location_type",
        "district",
        "flag_alcohol",
        "flag_knife",
        "flag_domestic",
        "victim_age_band",
    ],
    "emas": [
        "incident_ref",
        "record_version",
        "last_modified_at",
        "call_connect_at",
        "arrived_at",
        "triage_system",
        "triage_code",
        "violence_class",
        "outcome",
        "easting",
        "northing",
        "location_type",
        "flag_alcohol",
        "hospital_code",
    ],
    "ae": [
        "attendance_ref",
        "record_version",
        "last_modified_at",
        "site_code",
        "arrival_at",
        "assault_at",
        "assault_time_precision",
        "assault_method",
        "place_type",
        "place_text",
        "arrival_mode",
        "police_informed",
        "age_band",
    ],
}
Row = dict[str, str]


def police_row(number: int = 1, day: date = DAY, **cells: str) -> Row:
    """Return a valid crime of the night before `day`."""
    evening = day - timedelta(days=1)
    row = {
        "crime_ref": f"OC{number:08d}-1",
        "occurrence_ref": f"OC{number:08d}",
        "record_version": "1",
        "last_modified_at": f"{day} 03:00:00",
        "status": "recorded",
        "ho_code": "8N",
        "offence_title": "Assault occasioning actual bodily harm",
        "committed_from": f"{evening} 22:10:00",
        "committed_to": f"{evening} 22:20:00",
        "reported_at": f"{evening} 23:00:00",
        "recorded_at": f"{day} 04:00:00",
        "easting": "435300",
        "northing": "336200",
        "location_type": "street",
        "district": "Derby",
        "flag_alcohol": "Y",
        "flag_knife": "N",
        "flag_domestic": "N",
        "victim_age_band": "25-34",
    }
    return row | cells


def emas_row(number: int = 1, day: date = DAY, **cells: str) -> Row:
    """Return a valid ambulance incident of the night before `day`."""
    evening = day - timedelta(days=1)
    row = {
        "incident_ref": f"EM{number:08d}",
        "record_version": "1",
        "last_modified_at": f"{day} 03:00:00",
        "call_connect_at": f"{evening} 22:10:00",
        "arrived_at": f"{evening} 22:25:00",
        "triage_system": "NHS_PATHWAYS",
        "triage_code": "",
        "violence_class": "assault",
        "outcome": "conveyed",
        "easting": "435350",
        "northing": "336250",
        "location_type": "street",
        "flag_alcohol": "",
        "hospital_code": "RTG",
    }
    return row | cells


def ae_row(number: int = 1, day: date = DAY, **cells: str) -> Row:
    """Return a valid attendance of the night before `day`."""
    evening = day - timedelta(days=1)
    row = {
        "attendance_ref": f"AE{number:08d}",
        "record_version": "1",
        "last_modified_at": f"{day} 03:00:00",
        "site_code": "RTG",
        "arrival_at": f"{evening} 23:10:00",
        "assault_at": f"{evening} 22:25:00",
        "assault_time_precision": "exact",
        "assault_method": "fist_foot",
        "place_type": "street",
        "place_text": "outside the Blue Bellows",
        "arrival_mode": "walk_in",
        "police_informed": "",
        "age_band": "25+",
    }
    return row | cells


def csv_text(
    rows: list[Row], source: str = "police", delimiter: str = ",", columns: list[str] | None = None
) -> str:
    """Return a delivery's text; cells with a delimiter, quotation mark or line end are quoted."""
    names = columns or COLUMNS[source]

    def cell(text: str) -> str:
        is_plain = not any(sign in text for sign in (delimiter, '"', "\n", "\r"))
        return text if is_plain else '"' + text.replace('"', '""') + '"'

    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "".join(delimiter.join(cell(text) for text in line) + "\n" for line in lines)


@dataclass
class House:
    """One installation in a temporary folder."""

    settings: Settings
    area: Area

    @property
    def home(self) -> Path:
        """The folder with all of its state."""
        return self.settings.home

    def put(self, name: str, content: str | bytes, *, n_rows: int | None = None, **manifest: object) -> Path:
        """Write a file to the inbox, with a manifest when a row count or more is given."""
        path = self.settings.inbox_folder / name.split("_", maxsplit=1)[0] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if n_rows is not None or manifest:
            said = ({"rows": n_rows} if n_rows is not None else {}) | manifest
            path.with_suffix(".json").write_text(json.dumps({"feed": path.parent.name} | said))
        return path

    def put_day(self, source: str, rows: list[Row], day: date = DAY, *, n_rows: int | None = None) -> Path:
        """Write the daily delivery of a source."""
        return self.put(f"{source}_{day}.csv", csv_text(rows, source), n_rows=n_rows)

    def put_day_text(self, day: date, content: str, source: str = "police") -> Path:
        """Write the text of a source's daily delivery."""
        return self.put(f"{source}_{day}.csv", content)

    def check(self, source: str = "police", now: datetime | None = None) -> CheckSummary:
        """Run the check of a source, late enough for every delivery of these tests."""
        return check_deliveries(self.settings, self.area, source, now or datetime(2026, 5, 1, 12, tzinfo=UTC))

    def check_one(self, source: str = "police") -> Checked:
        """Run the check and return the only delivery that it decided about."""
        (checked,) = self.check(source).checked
        return checked

    def conform(self, source: str = "police") -> int:
        """Turn what was accepted into records; return how many."""
        return conform_deliveries(self.settings, self.area, source).n_records

    def deliveries(self) -> pl.DataFrame:
        """Return the table of deliveries."""
        with open_warehouse(self.settings) as warehouse:
            return warehouse.read(DELIVERIES)

    def verdicts(self) -> pl.DataFrame:
        """Return the table of verdicts."""
        with open_warehouse(self.settings) as warehouse:
            return warehouse.read(VERDICTS)

    def reasons(self, severity: str = "%") -> dict[tuple[str, str], int]:
        """Return rows affected by rule and column."""
        with open_warehouse(self.settings) as warehouse:
            found = warehouse.read(VERDICT_REASONS, "severity LIKE ?", [severity])
        return {(r["rule"], r["column_name"]): r["n_affected"] for r in found.iter_rows(named=True)}

    def messages(self) -> str:
        """Return every message of the warehouse in one text."""
        with open_warehouse(self.settings) as warehouse:
            return "\n".join(
                [*warehouse.read(VERDICT_REASONS)["message"], *warehouse.read(VERDICTS)["summary"]]
            )

    def quarantine(self) -> list[tuple[int, str, str]]:
        """Return row number, rule and column of each row that was set aside."""
        with open_warehouse(self.settings) as warehouse:
            found = warehouse.read(QUARANTINE).sort("delivery_id", "row_number")
        return list(found.select("row_number", "rule", "column_name").iter_rows())

    def names(self, folder: str) -> list[str]:
        """Return the names of all files under a folder of the house."""
        root = self.home / folder
        return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
