"""What a provider is told is what the checks do: the example is accepted, the standard's own schema is met."""

import json
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft201909Validator
from typer.testing import CliRunner

from cli.contract import EXAMPLE_DAY, write_contract
from cli.main import app
from cli.whole_nights import whole_nights
from expectations.contract.example import example_rows
from expectations.contract.page import as_html, as_markdown
from expectations.contract.terms import MEANINGS, terms_of
from expectations.judging import judge_delivery
from nte.area import Area, Columns
from nte.area_files import load_area
from nte.deliveries.inbox import arrival_at
from nte.deliveries.near_names import agreed_name
from nte.errors import MisuseError
from nte.settings import Settings
from tests.areas import AREAS, derbyshire
from tests.expectations.house import DAY, House, csv_text, police_row

SOURCES = [(area, source) for area in sorted(p.name for p in AREAS.iterdir()) for source in load_area(AREAS / area).sources]  # fmt: skip
SCHEMA = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))


def area_called(name: str) -> Area:
    return load_area(AREAS / name)


@pytest.mark.parametrize(("name", "source"), SOURCES)
def test_the_example_that_a_provider_gets_is_accepted_without_a_word(name: str, source: str) -> None:
    area = area_called(name)
    rows = example_rows(area.sources[source], area, EXAMPLE_DAY)
    file_name = agreed_name(area.sources[source], EXAMPLE_DAY)
    arrival = arrival_at(Path(str(file_name)), area.sources[source], area)
    assert arrival
    text = csv_text(rows, source, columns=list(rows[0]))
    judged = judge_delivery(text.encode, b'{"rows": 10}', arrival, area)
    assert (judged.verdict, judged.n_accepted, [o.rule.rule for o in judged.failed]) == ("accepted", 10, [])


@pytest.mark.parametrize(("name", "source"), SOURCES)
def test_the_data_contract_meets_the_schema_of_its_standard(name: str, source: str, tmp_path: Path) -> None:
    out = tmp_path / "contract.yaml"
    write_contract(area_called(name), source, out)
    contract = yaml.safe_load(out.read_text("utf-8"))
    Draft201909Validator(SCHEMA).validate(contract)
    [table] = contract["schema"]
    assert [p["name"] for p in table["properties"] if p["primaryKey"]] == [
        area_called(name).sources[source].columns.record_id
    ]


def test_the_page_names_every_column_and_code_and_harms_nobody() -> None:
    area = derbyshire()
    police = area.sources["police"]
    text = as_markdown(police, area, date(2026, 3, 28))
    assert all(f"| `{column}` |" in text for column in police.required_columns)
    assert all(f"`{code}`" in text for code in area.counted_codes("police"))
    assert "committed_to lies before committed_from" in text
    hostile = police.model_copy(update={"title": "<script>alert(1)</script>"})
    assert "<script>" not in as_html(hostile, area, date(2026, 3, 28))


def test_the_page_says_what_places_a_record_in_its_night() -> None:
    police = derbyshire().sources["police"].model_copy(update={"longest_window_hours": 8.0})
    text = as_markdown(police, derbyshire(), date(2026, 3, 28))
    assert "the middle between it and `committed_to` places the record in its night" in text
    assert "More than 8 hours between them say no night" in text
    alone = police.model_copy(update={"columns": police.columns.model_copy(update={"event_to": None})})
    assert terms_of(alone, derbyshire())[5].meaning == "When it happened; it places the record in its night"


def test_every_role_of_a_column_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Columns.model_fields)


def test_another_ending_or_source_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(MisuseError, match="must end with"):
        write_contract(derbyshire(), "police", tmp_path / "contract.docx")
    with pytest.raises(MisuseError, match="no source of this area"):
        write_contract(derbyshire(), "fire", tmp_path / "contract.md")


def test_a_check_says_what_the_real_one_would_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NTE_HOME", str(tmp_path / "home"))
    good, bad = tmp_path / f"police_{DAY}.csv", tmp_path / "extract (1).csv"
    good.write_text(csv_text([police_row(n) for n in range(3)]))
    bad.write_text(csv_text([police_row(n, crime_ref="") for n in range(3)]))

    def said(*words: object) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["check", *map(str, words)])
        return result.exit_code, result.output

    code, text = said(good)
    assert (code, text.splitlines()[:2]) == (
        0,
        ["accepted: all its rows are used", f"{good.name}: 3 rows used."],
    )
    code, text = said(bad, "--source", "police", "--date", DAY)
    assert code == 1
    assert f"its name fits no delivery of police; checked as police_{DAY}.csv" in text
    assert "3 of 3 rows are at fault (3 by key missing in crime_ref)" in text
    for words in ((bad,), (tmp_path / "none.csv",), (good, "--source", "fire"), (good, "--date", "soon")):
        assert isinstance(CliRunner().invoke(app, ["check", *map(str, words)]).exception, MisuseError)
    assert sorted(p.name for p in tmp_path.rglob("*")) == [bad.name, good.name]


def test_a_check_knows_what_came_before_and_leaves_the_warehouse_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setenv("NTE_HOME", str(tmp_path / "home"))
    house = House(Settings(home=tmp_path / "home"), derbyshire())
    house.put_day("police", rows := [police_row(n) for n in range(3)])
    house.check()
    again = tmp_path / "police_2026-03-26.csv"
    again.write_text(csv_text(rows))
    before = house.settings.warehouse_file.read_bytes()
    result = CliRunner().invoke(app, ["check", str(again)])
    assert result.exit_code == 0
    assert f"the same bytes were accepted before as police_{DAY}.csv" in result.output
    assert house.settings.warehouse_file.read_bytes() == before
    assert again.exists()


def test_a_check_says_by_which_day_it_goes_and_what_a_daily_name_would_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NTE_HOME", str(tmp_path / "home"))
    days = [date(2026, 3, 25) - timedelta(days=back // 12) for back in range(12 * 9)]
    late = [
        police_row(900 + n, date(2026, 3, 2 + 3 * n), recorded_at="2026-03-20 04:00:00") for n in range(4)
    ]
    file = tmp_path / "extract.csv"
    file.write_text(csv_text([police_row(n, day) for n, day in enumerate(days)] + late))
    result = CliRunner().invoke(app, ["check", str(file), "--source", "police", "--now", "2026-04-20T09:00"])
    assert result.exit_code == 0
    assert (
        "checked as police_2026-03-25.csv (the morning after its newest records; --date says another)"
        in result.output
    )
    assert (
        "under a daily name only Tuesday 24 March is counted: name it police_2026-03-16_2026-03-24.csv"
        in result.output
    )


def test_nights_are_those_from_the_first_day_on_which_records_were_made(tmp_path: Path) -> None:
    """Three weeks of crimes that were all recorded in the last of them: what was not recorded then is not in it."""
    rows = [police_row(n, date(2026, 3, 25) - timedelta(days=n % 21)) for n in range(210)]
    made = [f"{date(2026, 3, 18) + timedelta(days=n // 30)} 05:00:00" for n in range(210)]
    file = tmp_path / "x.csv"
    file.write_text(csv_text([row | {"recorded_at": at} for row, at in zip(rows, made, strict=True)]))
    area, now = derbyshire(), datetime(2026, 4, 1, tzinfo=UTC)
    assert whole_nights(file, area.sources["police"], area, now) == (date(2026, 3, 17), date(2026, 3, 24))
