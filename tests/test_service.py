"""The whole service on a small simulated inbox: the same DAGs that Airflow runs, in processes of their own."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from cli.airflow.home import airflow_environment
from cli.as_known import copy_as_known
from cli.query import query_called, read_book
from cli.report import report_of_hospitals, report_of_quarter, report_of_year
from nte.errors import MisuseError
from nte.settings import Settings
from nte.warehouse import open_warehouse, read_published
from reports.data_page.joins import JOINS
from reports.papers.page import as_page
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan, Surge
from tests.areas import DERBYSHIRE, derbyshire
from tests.oracle_answers.book import counted_anew
from tests.oracle_answers.counted import OFFENCES, VICTIMS, YOUNG, differences, of_police
from tests.oracle_facts import ALERT, BOARD, Deliveries, tally

pytestmark = pytest.mark.slow

LAST = date(2026, 3, 9)
SATURDAY = date(2026, 3, 7)
PLAN = SimulationPlan(
    seed=11, n_live_weeks=3, n_history_weeks=60, ends_on=LAST, surges=(Surge("derby", SATURDAY, 4.0),)
)
HEAVY = {"airflow", "prophet", "great_expectations", "pandas", "altair", "scipy.stats", "scipy.interpolate"}
"""What takes a second or more to import, and a run that finds nothing to do has no use for."""
NTE = [sys.executable, "-W", "ignore", "-m", "cli"]


def run(home: Path, inbox: Path, now: str, expect: int = 0) -> str:
    """Run the command as a person does; return what it printed."""
    environment = os.environ | {"NTE_HOME": str(home), "COLUMNS": "200"}
    done = subprocess.run(
        [*NTE, "run", "--inbox", str(inbox), "--now", now],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def published(home: Path, sql: str) -> pl.DataFrame:
    return read_published(home / "published" / "nte.duckdb", sql)


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    simulate_deliveries(PLAN, DERBYSHIRE, folder)
    return folder / "inbox"


@pytest.fixture(scope="module")
def straight(deliveries: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One run over everything, on the last morning."""
    folder = tmp_path_factory.mktemp("straight")
    shutil.copytree(deliveries, folder / "inbox")
    return folder / "home", run(folder / "home", folder / "inbox", f"{LAST}T09:00")


@pytest.fixture(scope="module")
def raw(deliveries: Path) -> Deliveries:
    """What plain loops over the files count, each thing once for all tests."""
    return Deliveries(deliveries, DERBYSHIRE, LAST)


def months_of(said: Deliveries) -> dict[tuple[str, str, str, str], list[int]]:
    """Return the police's occurrences, offences and victims by definition, month, district and part of the week."""
    facts = of_police(said, (ALERT, *BOARD))
    return dict(tally(facts, lambda f: (f.definition, f"{f.month:%Y-%m}", f.district, f.part)))


def test_counts_agree_with_plain_loops_over_the_files(raw: Deliveries, straight: tuple[Path, str]) -> None:
    home, _ = straight
    theirs = raw.nights
    ours = published(home, "SELECT * FROM night_counts WHERE is_covered")
    compared = {
        (r["source"], r["evening"], r["definition"], r["centre_code"]): r["n_incidents"]
        for r in ours.iter_rows(named=True)
    }
    silent = {  # the centres that a source never covers have no count of their own
        (c["centre_code"], source)
        for c in raw.places.circles for source in ("police", "emas", "ae") if source not in c["covered_by"]
    }  # fmt: skip
    assert len(compared) > 20_000
    assert sum(theirs.values()) > 2_000
    assert [key for key, n in compared.items() if theirs.get(key, 0) != n] == []
    assert [key for key in theirs if key not in compared and (key[3], key[0]) not in silent] == []


def test_months_agree_with_plain_loops_over_the_files(raw: Deliveries, straight: tuple[Path, str]) -> None:
    home, _ = straight
    months = months_of(raw)
    cells = "SELECT definition, strftime(month, '%Y-%m') AS m, "
    counts = "sum(n_incidents)::INT, sum(n_offences)::INT, sum(n_victims)::INT"
    of_sources = "FROM incident_slices WHERE source = 'police'"
    ours = published(home, f"{cells} district, time_class, {counts} {of_sources} GROUP BY ALL")
    assert {tuple(row[:4]): list(row[4:]) for row in ours.iter_rows()} == months
    armed = [fact for fact in of_police(raw) if fact.knife == "yes" and fact.offences]
    knives = tally(armed, lambda f: (f.definition, f"{f.month:%Y-%m}"))
    young = tally((f for f in armed if f.age in YOUNG), lambda f: (f.definition, f"{f.month:%Y-%m}"))
    view = published(
        home,
        "SELECT definition, strftime(month, '%Y-%m') AS m, sum(n_offences)::INT, sum(n_victims)::INT, "
        "sum(n_victims_under_25)::INT FROM knife_month GROUP BY ALL HAVING sum(n_offences) > 0",
    )
    assert {tuple(row[:2]): list(row[2:]) for row in view.iter_rows()} == {
        key: [n[OFFENCES], n[VICTIMS], young[key][VICTIMS]] for key, n in knives.items()
    }
    assert sum(n for n, _, _ in months.values()) > 3_000
    assert {key[3] for key in months} >= {"unknown", "day", "fri_sat_night", "sunday_night", "other_night"}


def test_every_question_of_the_book_is_answered_as_plain_loops_over_the_files_answer_it(
    raw: Deliveries, straight: tuple[Path, str]
) -> None:
    home, _ = straight
    names = [query.name for query in read_book()]
    answers = {name: published(home, query_called(name).sql).to_dicts() for name in names}
    assert [name for name, rows in answers.items() if not rows] == [
        "change-since-intervention"
    ]  # none was evaluated
    counted = {name: counted_anew(name, raw, lambda sql: published(home, sql).to_dicts()) for name in names}
    found = {name: differences(answers[name], one) for name, one in counted.items()}
    assert {name: told[:3] for name, told in found.items() if told} == {}


def test_a_years_paper_has_the_numbers_that_plain_loops_count(
    raw: Deliveries, straight: tuple[Path, str]
) -> None:
    home, _ = straight
    years = tally(of_police(raw), lambda f: (f.day.year, f.definition))
    year = report_of_year(Settings(home=home).published_file, derbyshire(), "2025", is_exact=True)
    [totals] = [grid.rows for section in year.sections for grid in section.grids if grid.sheet == "Year"]
    in_paper = {(row[0], row[1]): row[2] for row in totals}
    for definition in BOARD:
        units = ("occurrences", "offences", "victims")
        assert [in_paper[definition, unit] for unit in units] == years[2025, definition]


@pytest.mark.parametrize("n_days_ago", [2, 9, 16])
def test_the_past_is_asked_as_it_was_known_on_a_morning(
    raw: Deliveries, straight: tuple[Path, str], n_days_ago: int
) -> None:
    home, _ = straight
    day, area = LAST - timedelta(days=n_days_ago), derbyshire()
    cells = "SELECT definition, strftime(month, '%Y-%m') AS m, district, time_class, sum(n_incidents)::INT, "
    sql = f"{cells} sum(n_offences)::INT, sum(n_victims)::INT FROM incident_slices WHERE source = 'police' GROUP BY ALL"
    with copy_as_known(Settings(home=home), area, area.clock.morning_of(day)) as copy:
        found = read_published(copy, sql)
        answers = {query.name: read_published(copy, query.sql).height for query in read_book()}
    assert {tuple(row[:4]): list(row[4:]) for row in found.iter_rows()} == months_of(raw.on(day))
    ahead = area.clock.morning_of(LAST + timedelta(days=1))
    with (
        pytest.raises(MisuseError, match=f"that morning has not been counted. It is known until {LAST}"),
        copy_as_known(Settings(home=home), area, ahead),
    ):
        pass
    # Of the year before, of a Monday that has scores, of an area that has declared an intervention.
    may_be_empty = {"hour-profile", "calibration-of-bands", "change-since-intervention"}
    assert {name for name, height in answers.items() if height == 0} <= may_be_empty
    assert not list(home.glob(".as-known-*"))


def test_months_and_the_ledger_and_nights_say_the_same(straight: tuple[Path, str]) -> None:
    home, _ = straight
    by_source = "GROUP BY source ORDER BY source"
    nights = published(
        home,
        f"SELECT source, sum(n_incidents)::INT AS n FROM night_counts WHERE definition = 'nte-violence' {by_source}",
    )
    slices = published(
        home,
        "SELECT source, sum(n_incidents)::INT AS n FROM incident_slices WHERE definition = 'nte-violence' "
        f"AND time_class <> 'unknown' {by_source}",
    )
    fates = (
        "SELECT source, sum(n_rows)::INT AS n FROM ledger JOIN deliveries USING (delivery_id) WHERE fate IN {} "
        + by_source
    )
    counted = published(home, fates.format("('counted', 'night_not_covered')"))
    assert slices.equals(counted)
    lost = dict(published(home, fates.format("('night_not_covered',)")).iter_rows())
    known = {source: n + lost.get(source, 0) for source, n in nights.iter_rows()}
    assert dict(slices.iter_rows()) == known
    by_place = published(
        home,
        "SELECT sum(n_incidents)::INT AS n FROM incident_slices WHERE definition = 'sv-2021' AND "
        "place_code LIKE 'outside%' AND time_class LIKE '%night'",
    )
    whole = "SELECT sum(n_incidents)::INT AS n FROM night_counts WHERE definition = 'sv-2021' AND centre_code = 'outside_any_centre'"
    assert by_place.equals(published(home, whole))


def test_every_code_of_the_copy_joins_without_loss(straight: tuple[Path, str]) -> None:
    home, _ = straight
    columns = "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_tables() USING (table_name)"
    joins = [
        (table, column, *JOINS[column])
        for table, column in published(home, columns).iter_rows()
        if column in JOINS and JOINS[column][0] != table
    ]
    assert len(joins) > 60
    of_nothing = "('', 'everywhere')"
    groups = "SELECT DISTINCT source, offence_group FROM incident_slices EXCEPT SELECT source, offence_group FROM offence_groups"
    assert published(home, groups).is_empty()
    lost = " UNION ALL ".join(
        f'SELECT \'{table}.{column}\' AS stands_in, code FROM (SELECT "{column}"::VARCHAR AS code FROM "{table}" '
        f'WHERE "{column}"::VARCHAR NOT IN {of_nothing} EXCEPT SELECT "{key}"::VARCHAR FROM "{other}")'
        for table, column, other, key in joins
    )
    assert published(home, lost).is_empty()
    districts = published(
        home,
        "SELECT DISTINCT district FROM incident_slices WHERE district <> '' AND district NOT IN (SELECT district FROM populations)",
    )
    assert districts.is_empty()
    uncommented = published(
        home, "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
    )
    assert uncommented.is_empty()


def test_the_planted_surge_raises_one_alert(straight: tuple[Path, str]) -> None:
    home, printed = straight
    alerts = published(
        home, f"SELECT * FROM alerts WHERE centre_code = 'derby' AND first_evening = DATE '{SATURDAY}'"
    )
    assert alerts.height == 1
    assert "Derby city centre" in printed
    assert (home / "reports" / "slack.html").read_text().count("Derby city centre") >= 1


def test_an_alert_is_made_again_from_what_was_known_then(straight: tuple[Path, str]) -> None:
    home, _ = straight
    alert = f"derby/{SATURDAY}/nte-violence"
    environment = os.environ | {"NTE_HOME": str(home), "COLUMNS": "200"}
    done = subprocess.run(
        [*NTE, "replay", alert], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "judgements come out the same" in done.stdout
    assert "far above" in done.stdout
    unknown = subprocess.run(
        [*NTE, "replay", "nowhere"], capture_output=True, text=True, env=environment, check=False
    )
    assert unknown.returncode == 2
    assert alert in unknown.stderr


def test_a_missing_delivery_leaves_its_night_unknown_on_that_morning_and_known_at_the_end(
    straight: tuple[Path, str],
) -> None:
    home, _ = straight
    gap = LAST - timedelta(days=9)  # the ambulance delivery of that morning comes a day later
    rows = published(
        home,
        "SELECT known_at, is_covered, n_incidents FROM night_count_revisions WHERE source = 'emas' AND centre_code = "
        f"'derby' AND definition = 'nte-violence' AND evening = DATE '{gap - timedelta(days=1)}' ORDER BY known_at",
    )
    assert rows["is_covered"].to_list()[:2] == [False, True]
    assert rows["n_incidents"][0] is None
    assert rows["n_incidents"][-1] is not None


def test_running_again_changes_nothing_says_nothing_new_and_imports_nothing_heavy(
    straight: tuple[Path, str],
) -> None:
    home, _ = straight
    inbox = home.parent / "inbox"
    tables = ["night_count_revisions", "bands", "decisions", "alerts", "judgements", "verdicts"]
    before = {name: published(home, f"SELECT * FROM {name} ORDER BY ALL") for name in tables}
    shutil.rmtree(home / "airflow", ignore_errors=True)
    code = (
        "import atexit, sys; from cli.main import main; "
        f"atexit.register(lambda: print('imported', *sorted({HEAVY!r} & set(sys.modules)))); main()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, "run", "--inbox", str(inbox), "--now", f"{LAST}T09:00"],
        capture_output=True, text=True, env=os.environ | {"NTE_HOME": str(home)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "imported"
    assert not (home / "airflow").exists()
    for name, rows in before.items():
        assert published(home, f"SELECT * FROM {name} ORDER BY ALL").equals(rows), name


@pytest.fixture(scope="module")
def mornings(deliveries: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home and an inbox before the last morning: two weeks in one go, then mornings one by one."""
    folder = tmp_path_factory.mktemp("mornings")
    shutil.copytree(deliveries, folder / "inbox")
    for days_ago in (4, 2, 1):
        run(folder / "home", folder / "inbox", f"{LAST - timedelta(days=days_ago)}T09:00")
    return folder


def test_a_run_a_morning_leaves_what_one_run_leaves(
    mornings: Path, straight: tuple[Path, str], tmp_path: Path
) -> None:
    shutil.copytree(mornings, tmp_path / "copy")
    home = tmp_path / "copy" / "home"
    report_before = report_as_known(home)
    run(home, tmp_path / "copy" / "inbox", f"{LAST}T09:00")
    same = {
        "night_count_revisions": "*",
        "night_counts": "*",
        "bands": "* EXCLUDE (is_retrospective, made_at)",
        "judgements": "*",
        "decisions": "*",
    }
    for name, columns in same.items():
        sql = f"SELECT {columns} FROM {name} ORDER BY ALL"
        assert published(home, sql).equals(published(straight[0], sql)), name
    # What the Board got stays the same to the byte, whatever comes later.
    assert report_as_known(home) == report_before
    assert report_as_known(home, LAST) != report_before.replace("8 March 2026, 06:00", "9 March 2026, 06:00")


def report_as_known(home: Path, day: date = LAST - timedelta(days=1)) -> str:
    """Return the pages of the first quarter, of its year and of all hospitals, in the edition of a morning."""
    area = derbyshire()
    with copy_as_known(Settings(home=home), area, area.clock.morning_of(day)) as copy:
        papers = (
            report_of_quarter(copy, area, "2026Q1"),
            report_of_year(copy, area, "2026"),
            report_of_hospitals(copy, area, "all", "2026Q1"),
        )
        return "".join(map(as_page, papers))


def test_the_dags_leave_what_the_command_leaves(mornings: Path, tmp_path: Path) -> None:
    """On a morning on which one of the deliveries lacks a column."""
    by_dags, by_command = tmp_path / "by_dags", tmp_path / "by_command"
    for folder in (by_dags, by_command):
        shutil.copytree(mornings, folder)
        spoil(folder / "inbox" / "emas" / f"emas_{LAST}.csv")
    printed = run(by_command / "home", by_command / "inbox", f"{LAST}T09:00")
    environment = {"NTE_HOME": str(by_dags / "home"), "NTE_INBOX": str(by_dags / "inbox")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.dag_test", f"{LAST}T09:00"],
        capture_output=True, text=True, env=os.environ | environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ended = {tuple(line.split()[1:]) for line in done.stdout.splitlines() if line.startswith("ended ")}
    assert {task for _, task, state in ended if state == "failed"} == {"emas.refused"}
    assert "run take_deliveries success" in done.stdout.splitlines()
    events = [line.split(" ", 2)[1:] for line in done.stdout.splitlines() if line.startswith("event ")]
    counts = {name: set(json.loads(said)) for name, said in events}
    assert counts["night_counts"] >= {"records", "new_values", "unknown"}
    assert counts["decisions"] >= {"mornings", "said"}
    assert {"bands", "published"} <= set(counts)
    assert ("raise_alerts", "check_again", "skipped") in ended
    assert "emas: 1 delivery rejected" in printed
    ours, theirs = (tables_of(folder / "home") for folder in (by_command, by_dags))
    assert {"records", "verdicts", "bands", "decisions", "outbox", "progress"} <= set(ours)
    assert [name for name, rows in ours.items() if not rows.equals(theirs[name])] == []
    assert set(ours) == set(theirs)
    assert files_of(by_command) == files_of(by_dags)


def spoil(delivery: Path) -> None:
    """Take a column from a delivery."""
    delivery.with_suffix(".json").unlink(missing_ok=True)
    rows = pl.read_csv(delivery, infer_schema_length=0)
    rows.drop(rows.columns[-1]).write_csv(delivery)


def tables_of(home: Path) -> dict[str, pl.DataFrame]:
    """Return every table of a warehouse, in an order of its rows that says nothing."""
    with open_warehouse(Settings(home=home)) as warehouse:
        names = warehouse.query("SELECT table_name FROM duckdb_tables() ORDER BY ALL")["table_name"]
        return {name: warehouse.query(f"SELECT * FROM {name} ORDER BY ALL") for name in names}


def files_of(folder: Path) -> list[str]:
    """Return every file of an inbox and its home, without Airflow's own and the journal, whose numbers tell sessions."""
    names = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if not name.startswith(("home/airflow/", "home/journal/")))


def test_a_delivery_without_a_column_is_refused_in_plain_words_and_the_others_go_on(
    deliveries: Path, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    shutil.copytree(deliveries, inbox)
    broken = next((inbox / "police").glob(f"police_{LAST}.csv"))
    pl.read_csv(broken, infer_schema_length=0).drop("ho_code").write_csv(broken)
    printed = run(tmp_path / "home", inbox, f"{LAST}T09:00")
    assert "ho_code" in printed
    assert "ask the provider" in printed
    nights = published(
        tmp_path / "home",
        "SELECT source, is_covered, n_incidents FROM night_counts WHERE centre_code = 'derby' "
        f"AND definition = 'nte-violence' AND evening = DATE '{LAST - timedelta(days=1)}'",
    )
    known = {
        row["source"]: (row["is_covered"], row["n_incidents"] is None) for row in nights.iter_rows(named=True)
    }
    assert known == {"police": (False, True), "emas": (True, False), "ae": (True, False)}


def test_airflow_s_own_commands_see_this_installation(straight: tuple[Path, str]) -> None:
    home, _ = straight
    done = subprocess.run(
        [*NTE, "airflow", "pools", "list", "--output", "json"],
        capture_output=True, text=True, env=os.environ | {"NTE_HOME": str(home)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pools = {pool["pool"]: int(pool["slots"]) for pool in json.loads(done.stdout)}
    assert pools | {"warehouse": 1, "bands": 2} == pools


def test_airflow_s_commands_wait_while_its_database_is_written(straight: tuple[Path, str]) -> None:
    """Five seconds, SQLite's own patience, end in "database is locked" while the scheduler works."""
    home, _ = straight
    code = (
        "from cli.airflow.home import prepare_airflow; from nte.settings import Settings; "
        "prepare_airflow(Settings(), 'Europe/London'); from airflow import settings; "
        "print(settings.engine.connect().exec_driver_sql('PRAGMA busy_timeout').scalar())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True, text=True, env=os.environ | {"NTE_HOME": str(home)}, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["60000"], done.stderr


def test_what_airflow_keeps_of_old_runs_is_removed_from_where_its_tasks_may_not_look(
    straight: tuple[Path, str],
) -> None:
    home, _ = straight
    settings, before = Settings(home=home), datetime.now(UTC) + timedelta(days=1)
    made = [*NTE, "airflow", "pools", "list"]  # a run of the command makes no database of Airflow's
    subprocess.run(made, capture_output=True, env=os.environ | {"NTE_HOME": str(home)}, check=True)
    log = settings.airflow_home / "logs" / "dag_id=x" / "attempt=1.log"
    kept = settings.airflow_home / "logs" / "service" / "scheduler.log"
    for path in (log, kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("line")
    code = (
        "import sys; from datetime import datetime; sys.path.append('plugins'); from airflow_traces import *; "
        "before = datetime.fromisoformat(sys.argv[1]); remove_rows(Settings(), before); "
        "print(remove_logs(Settings(), before))"
    )
    environment = airflow_environment(settings, "Europe/London") | {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "airflow-db-not-allowed:///"
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, before.isoformat()],
        capture_output=True, text=True, env=os.environ | environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1
    assert kept.exists()
    assert not log.exists()
    with closing(sqlite3.connect(settings.airflow_home / "airflow.db")) as connection:
        left = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("dag_run", "task_instance", "slot_pool")
        }
    assert left == {"dag_run": 0, "task_instance": 0, "slot_pool": 3}


def test_every_published_table_and_column_is_explained(straight: tuple[Path, str]) -> None:
    home, _ = straight
    tables = published(home, "SELECT table_name, comment FROM duckdb_tables() WHERE comment IS NULL")
    columns = published(
        home,
        "SELECT c.table_name, c.column_name FROM duckdb_columns() c JOIN duckdb_tables() t USING (table_name) "
        "WHERE c.comment IS NULL",
    )
    assert tables.height == 0
    assert columns.height == 0


def test_no_record_is_published(straight: tuple[Path, str]) -> None:
    home, _ = straight
    names = published(home, "SELECT column_name FROM duckdb_columns() WHERE NOT internal")[
        "column_name"
    ].to_list()
    assert not {"record_id", "incident_id", "occurred_at", "payload"} & set(names)


def test_the_first_view_lists_the_nights_that_were_not_judged_and_why(straight: tuple[Path, str]) -> None:
    home, _ = straight
    rows = published(home, "SELECT DISTINCT why_not_judged FROM start_here WHERE verdict = 'not judged'")
    reasons = set(rows["why_not_judged"].to_list())
    assert None not in reasons
    assert "this source does not serve this centre" in reasons


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["run", "--inbox", "nowhere"], 2, "no such folder"),
        (["run", "--now", "tomorrow"], 2, "is not a time"),
        (["run", "--now", "2999-01-01T09:00"], 2, "ahead of this machine's clock"),
        (["status", "--now", "2999-01-01T09:00"], 2, "ahead of this machine's clock"),
        (["run", "--now", "2026-03-01T09:00", "--as-if", "2999-01-01T09:00"], 2, "name two times"),
        (["simulate", "out", "--weeks", "-1"], 2, "week"),
        (["backtest", "nowhere"], 2, "no panel"),
        (["report", "quarter", "2026Q5"], 2, "is no quarter"),
        (["fly"], 2, "No such command"),
    ],
)
def test_misuse_ends_with_code_2_and_says_what_to_do(
    arguments: list[str], code: int, says: str, tmp_path: Path
) -> None:
    environment = os.environ | {"NTE_HOME": str(tmp_path / "home"), "COLUMNS": "200"}
    done = subprocess.run([*NTE, *arguments], capture_output=True, text=True, cwd=tmp_path,
                          env=environment, check=False)  # fmt: skip
    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
