"""The journal says what the warehouse says, whatever was killed, and does not grow without end."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from nte import journal as journals
from nte.errors import NteError
from nte.journal import KEPT, MADE_AGAIN, MOST_CHANGES, Journal, Kept
from nte.settings import Settings
from nte.tables import WAREHOUSE_TABLES
from nte.tables.alerts import SILENCES
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.slices import HOUR_PROFILE, ISTV_SCORECARD, SLICE_COUNTS
from nte.warehouse import open_warehouse, open_warehouse_file

NOW = datetime(2026, 3, 30, 8, tzinfo=UTC)
KEPT_SILENCES = Kept(SILENCES)


def silences(numbers: range, why: str = "x") -> pl.DataFrame:
    row = dict.fromkeys(SILENCES.names, "x") | {"starts_at": NOW, "ends_at": None, "made_at": NOW, "why": why}
    return pl.DataFrame([row | {"silence_id": f"{n}"} for n in numbers], schema=SILENCES.schema)


def kept(settings: Settings) -> pl.DataFrame:
    return Journal(settings.journal).read(KEPT_SILENCES).sort("silence_id")


def standing(settings: Settings) -> pl.DataFrame:
    with open_warehouse_file(settings.warehouse_file) as warehouse:
        return warehouse.read(SILENCES).sort("silence_id")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    with open_warehouse(settings) as warehouse:
        warehouse.merge(SILENCES, silences(range(100)))
    return settings


def test_every_table_is_kept_or_made_again() -> None:
    assert {k.table.name for k in KEPT} | {t.name for t in MADE_AGAIN} == {t.name for t in WAREHOUSE_TABLES}
    assert {k.table for k in KEPT} & set(MADE_AGAIN) == set()
    assert all(k.table.keys for k in KEPT)
    assert [k.table for k in KEPT if k.where != "true"] == [
        NIGHT_COUNT_REVISIONS, SLICE_COUNTS, ISTV_SCORECARD, HOUR_PROFILE,
    ]  # fmt: skip


def test_rows_that_are_new_changed_and_gone_are_kept_as_changes(settings: Settings) -> None:
    with open_warehouse(settings) as warehouse:
        warehouse.merge(SILENCES, silences(range(98, 103), why="later"))
        warehouse.remove(SILENCES, "silence_id IN ('0', '1')", [])
    assert kept(settings).equals(standing(settings))
    assert kept(settings).height == 101
    assert len(list((settings.journal / "silences").glob("*.change.parquet"))) == 1


def test_a_session_that_writes_nothing_writes_no_file(settings: Settings) -> None:
    before = sorted(settings.journal.rglob("*"))
    with open_warehouse(settings) as warehouse:
        assert warehouse.n_rows(SILENCES) == 100
    assert sorted(settings.journal.rglob("*")) == before


def test_what_a_killed_session_did_not_note_is_noted_by_the_next(settings: Settings) -> None:
    class KilledError(BaseException):
        """The process ends after the commit and before the journal."""

    def write_and_die() -> None:
        with open_warehouse(settings) as warehouse:
            warehouse.merge(SILENCES, silences(range(200, 203)))
            raise KilledError

    with pytest.raises(KilledError):
        write_and_die()
    assert kept(settings).height == 100
    with open_warehouse(settings):
        pass
    assert kept(settings).equals(standing(settings))
    assert kept(settings).height == 103


def test_files_of_a_session_that_was_killed_while_it_noted_do_not_count(settings: Settings) -> None:
    number = Journal(settings.journal).state().number + 1
    half = settings.journal / "silences" / f"{number:08}.change.parquet"
    silences(range(900, 901)).with_columns(pl.lit(value=False).alias("_is_gone")).write_parquet(half)
    assert kept(settings).height == 100
    with open_warehouse(settings) as warehouse:
        warehouse.merge(SILENCES, silences(range(300, 301)))
    assert kept(settings).equals(standing(settings))


def test_many_changes_become_one_file(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "MOST_CHANGES", 5)
    for n in range(8):
        with open_warehouse(settings) as warehouse:
            warehouse.merge(SILENCES, silences(range(n, n + 1), why=f"{n}"))
        assert len(list((settings.journal / "silences").iterdir())) <= 7
    assert kept(settings).equals(standing(settings))
    assert MOST_CHANGES > 5


def test_an_older_home_gets_its_journal_when_it_is_opened(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_warehouse_file(settings.warehouse_file) as warehouse:
        warehouse.merge(SILENCES, silences(range(3)))
    with open_warehouse(settings):
        pass
    assert kept(settings).height == 3


def test_a_journal_that_cannot_be_written_is_named_and_written_later(settings: Settings) -> None:
    folder, aside = settings.journal / "silences", settings.journal / "aside"
    folder.rename(aside)
    folder.write_text("a file where a folder should be")
    with pytest.raises(NteError, match="cannot be kept a second time"), open_warehouse(settings) as warehouse:
        warehouse.merge(SILENCES, silences(range(500, 501)))
    folder.unlink()
    aside.rename(folder)
    with open_warehouse(settings):
        pass
    assert kept(settings).height == 101


def test_a_warehouse_that_has_gone_is_no_new_beginning(settings: Settings) -> None:
    settings.warehouse_file.unlink()
    with pytest.raises(NteError, match="nte rebuild"), open_warehouse(settings):
        pass
    assert not settings.warehouse_file.exists()
