"""The area folder as tables: published as it is, and what a definition counts never changes under its code."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from nte.area import Area
from nte.errors import NteError
from nte.settings import Settings
from nte.tables.definitions import DEFINITIONS, SOURCES
from nte.warehouse import open_warehouse
from tests.areas import derbyshire
from transforms.area_tables import word_frames
from transforms.steps import count_nights

NOW = datetime(2026, 3, 30, 8, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    counted = Settings(home=tmp_path)
    count_nights(counted, derbyshire(), NOW)
    return counted


def with_definition(**changes: object) -> Area:
    """Return the area with its first definition changed."""
    first, *rest = derbyshire().definitions
    return derbyshire().model_copy(update={"definitions": (first.model_copy(update=changes), *rest)})


def test_definitions_and_sources_stand_as_the_area_folder_has_them(settings: Settings) -> None:
    with open_warehouse(settings) as warehouse:
        definitions, sources = warehouse.read(DEFINITIONS), warehouse.read(SOURCES)
    assert definitions["definition"].to_list() == [d.definition for d in derbyshire().definitions]
    assert definitions["why"].to_list() == [d.why for d in derbyshire().definitions]
    assert sources["source"].to_list() == list(derbyshire().sources)
    changes = dict(sources.select("source", "recording_changes").iter_rows())
    assert changes == {"police": "", "emas": "2024-03-01", "ae": ""}


def test_a_definition_that_counts_otherwise_is_refused_and_nothing_is_counted(settings: Settings) -> None:
    other = with_definition(excludes_domestic=not derbyshire().definitions[0].excludes_domestic)
    with pytest.raises(NteError, match=r"counts otherwise than it did.*give the new rule a code of its own"):
        count_nights(settings, other, NOW)
    with open_warehouse(settings) as warehouse:
        assert warehouse.read(DEFINITIONS)["print"][0] == derbyshire().definitions[0].fingerprint


def test_other_words_for_the_same_rule_are_no_other_rule(settings: Settings) -> None:
    count_nights(settings, with_definition(why="for other reasons", effective_to=date(2030, 1, 1)), NOW)
    with open_warehouse(settings) as warehouse:
        assert warehouse.read(DEFINITIONS)["why"][0] == "for other reasons"


def test_of_every_source_an_offence_that_is_not_stated_or_not_kept_has_a_name() -> None:
    groups = next(rows for table, rows in word_frames(derbyshire()) if table.name == "offence_groups")
    named = groups.filter(pl.col("offence_group").is_in(["not_stated", "not_kept"]))
    assert set(named["source"]) == set(derbyshire().sources)
    assert named.height == 2 * len(derbyshire().sources)
    assert named["gravity"].min() == groups["gravity"].max()  # an incident goes by any other first
