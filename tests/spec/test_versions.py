"""An older warehouse opens, is migrated and goes on; a newer or a changed one is refused in one sentence."""

import gzip
import logging
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from nte.errors import NteError
from nte.migrations import MIGRATIONS, NEWEST
from nte.migrations.to_7 import PRINTS
from nte.progress import Step, read_progress
from nte.settings import Settings
from nte.shape import bring_up_to_date
from nte.tables.alerts import ACKNOWLEDGEMENTS
from nte.tables.records import RECORDS
from nte.warehouse import open_warehouse, open_warehouse_file
from tests.areas import derbyshire

OLD_HOMES = Path(__file__).parents[1] / "old_homes"
FIRST_BLOCK, BLOCK = 12_288, 262_144
"""Where DuckDB's blocks begin, and their size, in bytes."""
KEPT = dict.fromkeys(
    ("records", "night_count_revisions", "bands", "window_scores", "decisions", "alerts", "outbox"), "*"
) | {"judgements": "* EXCLUDE (why_unknown)"}
"""What must be as it was; why a night was not known is said in new words."""


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """A home whose warehouse is of version 1."""
    settings = Settings(home=tmp_path)
    settings.warehouse_file.parent.mkdir()
    with (
        gzip.open(OLD_HOMES / "version-1.duckdb.gz") as source,
        settings.warehouse_file.open("wb") as target,
    ):
        shutil.copyfileobj(source, target)
    return settings


def rows(path: Path) -> dict[str, pl.DataFrame]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return {t: connection.sql(f"SELECT {KEPT[t]} FROM {t} ORDER BY ALL").pl() for t in KEPT}


def test_versions_are_numbered_without_a_gap() -> None:
    assert [migration.version for migration in MIGRATIONS] == list(range(2, NEWEST + 1))


def test_an_older_warehouse_is_migrated_once_says_so_and_loses_nothing(
    old: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    before = rows(old.warehouse_file)
    with caplog.at_level(logging.WARNING), open_warehouse(old) as warehouse:
        versions = warehouse.query("SELECT version FROM schema_version ORDER BY version")["version"].to_list()
    assert versions == list(range(1, NEWEST + 1))
    assert f"was of version 1 and is of version {NEWEST} now" in caplog.text
    after = rows(old.warehouse_file)
    for table, was in before.items():
        assert after[table].select(was.columns).sort(was.columns).equals(was.sort(was.columns)), table
    copy = old.warehouse_file.with_name("nte.version-1.duckdb")
    assert {table: frame.height for table, frame in rows(copy).items()} == {
        table: frame.height for table, frame in before.items()
    }
    caplog.clear()
    with caplog.at_level(logging.WARNING), open_warehouse(old):
        pass
    assert not caplog.text


def test_what_an_older_record_did_not_keep_is_unknown_not_no(old: Settings) -> None:
    with open_warehouse(old) as warehouse:
        records = warehouse.read(RECORDS)
    codes = records.select("age_group", "location_group", "method_group", "is_police_informed", "happened_on")
    assert records.height
    assert set(codes.null_count().row(0)) == {records.height}


def test_in_which_channel_an_older_answer_was_made_is_not_known(old: Settings) -> None:
    with duckdb.connect(str(old.warehouse_file)) as connection:
        connection.execute(
            "INSERT INTO acknowledgements BY NAME SELECT 'a' AS acknowledgement_id, 'b' AS alert_id, 'useful' AS kind, "
            "'' AS note, 'U1' AS made_by, now() AS made_at"
        )
    with open_warehouse(old) as warehouse:
        [answer] = warehouse.read(ACKNOWLEDGEMENTS).to_dicts()
    assert (answer["kind"], answer["channel"]) == ("useful", None)


def test_the_boards_definitions_that_were_shipped_go_on_under_the_print_that_they_have_now() -> None:
    now = {d.definition: d.fingerprint for d in derbyshire().definitions}
    assert {name: after for name, (_, after) in PRINTS.items()} == {n: now[n] for n in ("sv-2021", "sv-2025")}


def test_what_an_older_home_has_done_is_known(old: Settings) -> None:
    with open_warehouse(old) as warehouse:
        judged, decided = (read_progress(warehouse, step) for step in (Step.JUDGE, Step.DECIDE))
        last = warehouse.query("SELECT max(decided_as_of) AS last FROM decisions WHERE alert_id = ''")[
            "last"
        ][0]
        looks = [look.as_of for look in decided.looks(last)]
        assert looks == [look.as_of for look in judged.looks(last)]
        assert last in looks
        evenings = warehouse.query("SELECT min(evening) AS first FROM bands")["first"][0]
    assert len({look.date() for look in looks}) == (last.date() - evenings).days


def test_a_migration_that_breaks_off_changes_nothing(old: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(old.warehouse_file)

    def break_off(*arguments: object) -> None:
        bring_up_to_date(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("nte.warehouse.bring_up_to_date", break_off)
        with pytest.raises(KeyboardInterrupt):
            open_warehouse(old).__enter__()
    assert {t: f.height for t, f in rows(old.warehouse_file).items()} == {
        t: f.height for t, f in before.items()
    }
    with duckdb.connect(str(old.warehouse_file), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert "schema_version" not in tables
    with open_warehouse(old) as warehouse:
        assert warehouse.query("SELECT max(version) AS v FROM schema_version")["v"].to_list() == [NEWEST]


def test_a_newer_warehouse_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "nte.duckdb"
    with open_warehouse_file(path):
        pass
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, now(), 'of tomorrow')")
    with pytest.raises(
        NteError, match=r"newer version of this service .*Update this installation, or put back"
    ):
        open_warehouse_file(path).__enter__()


@pytest.mark.parametrize(
    "change",
    [
        'ALTER TABLE bands DROP COLUMN "alert_limit"',
        'ALTER TABLE bands ADD COLUMN "mine" VARCHAR',
        'ALTER TABLE silences ALTER "why" TYPE BIGINT USING 1',
    ],
)
def test_a_table_that_somebody_changed_is_named(tmp_path: Path, change: str) -> None:
    path = tmp_path / "nte.duckdb"
    with open_warehouse_file(path):
        pass
    with duckdb.connect(str(path)) as connection:
        connection.execute(change)
    table = change.split()[2]
    with pytest.raises(
        NteError, match=rf"the table {table} is not as this version needs it .* restore it from a backup"
    ):
        open_warehouse_file(path).__enter__()


def _spoil(path: Path) -> None:
    """Overwrite a few bytes of every block but the first few, which opening needs."""
    content = bytearray(path.read_bytes())
    for place in range(FIRST_BLOCK + 4 * BLOCK, len(content), BLOCK):
        content[place + 100 : place + 200] = bytes(100)
    path.write_bytes(content)


def _scan(path: Path) -> None:
    with open_warehouse_file(path) as warehouse:
        for table in KEPT:
            warehouse.query(f"SELECT * FROM {table}")


def test_damage_that_is_found_late_is_one_sentence(old: Settings) -> None:
    _scan(old.warehouse_file)
    _spoil(old.warehouse_file)
    with pytest.raises(NteError, match=r"nte\.duckdb is damaged .*Make it again: nte rebuild"):
        _scan(old.warehouse_file)
