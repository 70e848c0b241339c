"""The files: the same for the same plan, complete, dated, and each with a manifest that is right."""

import hashlib
import json
import shutil
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from simulator.calibration import load_calibration
from simulator.counts import NIGHT, list_cells, surge_factors, with_changes
from simulator.deliveries import simulate_deliveries
from simulator.ground import load_ground
from simulator.plan import Change, Gap, SimulationPlan, Surge, parse_change, parse_surge
from tests.simulator.conftest import AREA, ENDS_ON, Inbox, simulated

SHORT = SimulationPlan(3, 3, 2, ENDS_ON)


def digests(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate_deliveries(SHORT, AREA, tmp_path / name)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_gives_other_rows_in_files_of_the_same_names(tmp_path: Path) -> None:
    simulate_deliveries(SHORT, AREA, tmp_path / "one")
    simulate_deliveries(SimulationPlan(4, 3, 2, ENDS_ON), AREA, tmp_path / "two")
    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    assert set(one) == set(two)
    assert one["inbox/police/police_2026-04-06.csv"] != two["inbox/police/police_2026-04-06.csv"]


def test_a_simulation_repeated_in_its_own_folder_writes_nothing(tmp_path: Path) -> None:
    first = simulate_deliveries(SHORT, AREA, tmp_path)
    before = digests(tmp_path)
    assert first.n_files_written == len(before)
    assert simulate_deliveries(SHORT, AREA, tmp_path).n_files_written == 0
    assert digests(tmp_path) == before


def test_a_simulation_that_was_cut_short_is_completed(tmp_path: Path) -> None:
    simulate_deliveries(SHORT, AREA, tmp_path)
    before = digests(tmp_path)
    (tmp_path / "inbox/police/police_2026-04-06.csv").unlink()
    assert simulate_deliveries(SHORT, AREA, tmp_path).n_files_written == 1
    assert digests(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["police/police_2026-04-06.csv", "police/police_2031-01-01.csv", "notes.txt"]
)
def test_a_folder_with_anything_else_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / "inbox" / name
    path.parent.mkdir(parents=True)
    path.write_text("real deliveries, perhaps")
    with pytest.raises(ValueError, match="Name an empty folder"):
        simulate_deliveries(SHORT, AREA, tmp_path)
    assert list(digests(tmp_path)) == [f"inbox/{name}"]


def test_every_delivery_has_a_manifest_whose_rows_are_right(inbox: Inbox) -> None:
    deliveries = sorted(inbox.summary.inbox.rglob("*.csv"))
    assert len(deliveries) == sum(inbox.summary.n_deliveries.values())
    for path in deliveries:
        manifest = json.loads(path.with_suffix(".json").read_text())
        assert manifest["feed"] == path.parent.name
        assert manifest["rows"] == pl.read_csv(path, infer_schema_length=0).height, path.name


def test_manifests_account_for_every_day_once(inbox: Inbox) -> None:
    for source in ("police", "emas", "ae"):
        manifests = [json.loads(p.read_text()) for p in (inbox.summary.inbox / source).glob("*.json")]
        spans = sorted((m["covers_from"], m["covers_to"]) for m in manifests)
        assert spans[0][0] == f"{inbox.plan.begins_on}T06:00"
        assert spans[-1][1] == f"{ENDS_ON}T06:00"
        assert all(one[1] == two[0] for one, two in pairwise(spans)), source


def test_a_missed_morning_is_made_up_for_by_the_next_delivery(inbox: Inbox) -> None:
    folder = inbox.summary.inbox
    assert not (folder / "emas/emas_2026-03-28.csv").exists()
    assert json.loads((folder / "emas/emas_2026-03-29.json").read_text()) == {
        "feed": "emas",
        "rows": inbox.rows["emas"].filter(pl.col("file") == "emas_2026-03-29").height,
        "covers_from": "2026-03-27T06:00",
        "covers_to": "2026-03-29T06:00",
    }
    late = json.loads((folder / "ae/ae_2026-03-21.json").read_text())
    assert (late["covers_from"], late["covers_to"]) == ("2026-03-18T06:00", "2026-03-21T06:00")
    assert inbox.summary.gaps == (Gap("emas", date(2026, 3, 28)), Gap("ae", date(2026, 3, 19), 2))


def test_columns_are_those_of_the_feeds_in_their_order(inbox: Inbox) -> None:
    first_lines = {
        source: (inbox.summary.inbox / source / f"{source}_2026-04-06.csv").read_text().splitlines()[0]
        for source in ("police", "emas", "ae")
    }
    assert first_lines == {
        "police": "crime_ref,occurrence_ref,record_version,last_modified_at,status,ho_code,offence_title,"
        "committed_from,committed_to,reported_at,recorded_at,easting,northing,location_type,district,"
        "flag_alcohol,flag_knife,flag_domestic,victim_age_band",
        "emas": "incident_ref,record_version,last_modified_at,call_connect_at,arrived_at,triage_system,"
        "triage_code,violence_class,outcome,easting,northing,location_type,flag_alcohol,hospital_code",
        "ae": "attendance_ref,record_version,last_modified_at,site_code,arrival_at,assault_at,"
        "assault_time_precision,assault_method,place_type,place_text,arrival_mode,police_informed,age_band",
    }


def test_no_delivery_tells_of_what_happened_after_it(inbox: Inbox) -> None:
    last = pl.col("file").str.slice(-10).str.to_date().cast(pl.Datetime) + pl.duration(hours=6)
    known = pl.when(pl.col("file").str.len_chars() > 20).then(last + pl.duration(days=1)).otherwise(last)
    for source, columns in {
        "police": ("committed_to", "reported_at", "recorded_at", "last_modified_at"),
        "emas": ("call_connect_at", "arrived_at"),
        "ae": ("arrival_at", "assault_at", "last_modified_at"),
    }.items():
        for column in columns:
            assert inbox.rows[source].filter(pl.col(column) > known).is_empty(), (source, column)


def test_one_live_week_without_history_is_seven_deliveries_a_source(tmp_path: Path) -> None:
    found = simulated(SimulationPlan(1, 1, 0, ENDS_ON), tmp_path)
    assert found.summary.n_deliveries == {"police": 7, "emas": 7, "ae": 7}
    assert found.summary.gaps == ()


def test_history_alone_is_one_delivery_a_source(tmp_path: Path) -> None:
    simulate_deliveries(SimulationPlan(1, 0, 4, ENDS_ON), AREA, tmp_path)
    names = sorted(path.name for path in tmp_path.rglob("*.csv"))
    assert names == [f"{source}_2026-03-09_2026-04-05.csv" for source in ("ae", "emas", "police")]


def test_bad_rows_come_only_when_they_are_asked_for(inbox: Inbox, tmp_path: Path) -> None:
    bad = simulated(SimulationPlan(1, 1, 0, ENDS_ON, has_bad_rows=True), tmp_path)
    backwards = pl.col("committed_to") < pl.col("committed_from")
    assert bad.rows["police"].filter(pl.col("crime_ref") == "").height == 1
    assert bad.rows["police"].filter(backwards).height == 1
    assert inbox.rows["police"].filter(backwards | (pl.col("crime_ref") == "")).is_empty()


@pytest.mark.parametrize(
    ("surge", "said"),
    [
        (Surge("ambridge", date(2026, 4, 4), 3), "'ambridge': no such town centre. Choose from alfreton"),
        (Surge("derby", ENDS_ON, 3), "surge on 2026-04-06: not simulated"),
    ],
)
def test_a_surge_that_cannot_be_planted_is_refused(tmp_path: Path, surge: Surge, said: str) -> None:
    plan = SimulationPlan(1, 1, 0, ENDS_ON, surges=(surge,))
    with pytest.raises(ValueError, match=said):
        simulate_deliveries(plan, AREA, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_change_lowers_the_nights_of_its_town_centre_from_its_evening_on() -> None:
    cells = list_cells(load_ground(AREA), load_calibration(AREA))
    days = [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]
    change = Change("derby", date(2026, 3, 2), 0.2)
    factors = with_changes(surge_factors((), cells, days), [change], cells, days)
    is_derby = np.array([cell.is_centre and cell.centres[0].centre_code == "derby" for cell in cells])
    for factor in factors.values():
        assert (factor[is_derby, :, NIGHT] == [[1.0, 0.2, 0.2]]).all()
        assert (factor[~is_derby] == 1.0).all()
        assert (factor[..., 1 - NIGHT] == 1.0).all()


@pytest.mark.parametrize("text", ["derby:2026-03-02", "derby:2026-03-02:1.2", "derby:2026-03-02:0"])
def test_a_change_that_cannot_be_planted_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"like (derby:2025-10-03:)?0\.7"):
        parse_change(text)


@pytest.mark.parametrize(("n_live", "n_history"), [(-1, 4), (1, -4), (0, 0), (100000, 0)])
def test_a_number_of_weeks_that_makes_no_sense_is_refused(n_live: int, n_history: int) -> None:
    with pytest.raises(ValueError, match="weeks"):
        SimulationPlan(1, n_live, n_history, ENDS_ON)


@pytest.mark.parametrize(
    "text", ["derby", "derby:tomorrow:3", "derby:2026-04-04:many", "derby:2026-04-04:3:1"]
)
def test_a_surge_that_cannot_be_read_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="like derby:2026-04-04:3"):
        parse_surge(text)


def test_a_surge_is_read_from_centre_evening_and_factor() -> None:
    assert parse_surge("long-eaton:2026-04-04:2.5") == Surge("long-eaton", date(2026, 4, 4), 2.5)
    with pytest.raises(ValueError, match="above 1"):
        parse_surge("derby:2026-04-04:0.5")


def test_a_gap_outside_the_live_weeks_is_refused(tmp_path: Path) -> None:
    plan = SimulationPlan(1, 1, 1, ENDS_ON, gaps=(Gap("ae", ENDS_ON - timedelta(days=8)),))
    with pytest.raises(ValueError, match="must lie between"):
        simulate_deliveries(plan, AREA, tmp_path)


def test_a_town_centre_without_a_share_is_named(tmp_path: Path) -> None:
    area = shutil.copytree(AREA, tmp_path / "area")
    centres = (area / "town_centres.geojson").read_text().replace('"ripley"', '"new-ripley"')
    (area / "town_centres.geojson").write_text(centres)
    with pytest.raises(ValueError, match="no figure for the town centre 'new-ripley'"):
        simulate_deliveries(SHORT, area, tmp_path / "out")
