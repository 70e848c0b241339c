"""A run that was killed at any instant is completed by the next one: nothing lost, nothing twice."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from nte.deliveries import kept_files
from nte.deliveries.kept_files import settle
from nte.errors import NteError
from tests.expectations.house import DAY, House, csv_text, police_row

ROWS = [police_row(n) for n in range(1, 4)]


class Killed(BaseException):
    """Stands for kill -9: no handler of ours catches it."""


def kill(*_args: object, **_named: object) -> None:
    raise Killed


@pytest.mark.parametrize("where", ["expectations.steps.settle", "expectations.memory.result_rows"])
def test_a_kill_around_the_verdict_of_a_rejected_file_is_healed(
    house: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    house.put_day("police", ROWS, n_rows=7)
    with monkeypatch.context() as patch:
        patch.setattr(where, kill)
        with pytest.raises(Killed):
            house.check()
    assert house.verdicts().height == (1 if where.endswith("settle") else 0)
    assert house.check_one().verdict == "rejected"
    assert house.names("rejected") == [f"police/police_{DAY}.csv", f"police/police_{DAY}.json"]
    assert house.names("inbox") == []
    assert house.verdicts().height == house.deliveries().height == 1


@pytest.mark.parametrize("where", ["expectations.steps.write_whole", "expectations.steps.remove_original"])
def test_a_kill_before_a_personal_delivery_is_gone_is_healed(
    house: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    house.put_day("police", [police_row(offence_title="ask j.doe@example.org")])
    with monkeypatch.context() as patch:
        patch.setattr(where, kill)
        with pytest.raises(Killed):
            house.check()
    assert house.check_one().verdict == "rejected"
    assert house.names("inbox") == []
    assert len(house.names("rejected")) == 1


def test_an_accepted_file_whose_move_was_killed_is_moved_without_a_second_verdict(house: House) -> None:
    path = house.put_day("police", ROWS, n_rows=3)
    content, manifest = path.read_bytes(), path.with_suffix(".json").read_bytes()
    house.check()
    house.conform()
    for name in house.names("accepted"):
        (house.home / "accepted" / name).unlink()
    path.write_bytes(content)
    path.with_suffix(".json").write_bytes(manifest)
    assert house.check().checked == ()
    assert len(house.names("accepted")) == 2
    assert list(house.verdicts()["verdict"]) == ["accepted"]


def test_a_manifest_that_a_kill_left_behind_is_removed(house: House) -> None:
    path = house.put_day("police", ROWS, n_rows=3)
    manifest = path.with_suffix(".json").read_bytes()
    house.check()
    house.conform()
    path.with_suffix(".json").write_bytes(manifest)
    summary = house.check()
    assert house.names("inbox") == []
    assert summary.checked == ()


def test_an_accepted_file_that_is_overwritten_before_its_use_loses_its_verdict_and_the_new_one_counts(
    house: House,
) -> None:
    house.put_day("police", ROWS)
    house.check()
    house.put_day("police", [*ROWS, police_row(9)])
    assert house.check_one().verdict == "accepted"
    assert house.conform() == 4
    assert sorted(house.verdicts()["verdict"]) == ["accepted", "rejected"]


def test_a_move_never_overwrites_and_keeps_the_same_content_once(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    for content in ("one", "two", "one", "two"):
        path = tmp_path / "police_2026-03-25.csv"
        path.write_text(content)
        settle(path, kept)
        assert not path.exists()
    assert sorted(p.read_text() for p in kept.iterdir()) == ["one", "two"]


def test_a_move_across_file_systems_is_whole_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "police_2026-03-25.csv"
    path.write_text("rows")
    assert settle(path, tmp_path / "kept").read_text() == "rows"
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [path.name]


def test_a_folder_that_cannot_be_written_is_named_with_the_next_action(tmp_path: Path) -> None:
    path = tmp_path / "police_2026-03-25.csv"
    path.write_text("rows")
    (tmp_path / "kept").write_text("a file where a folder should be")
    with pytest.raises(NteError, match="Make room or let this user write there"):
        settle(path, tmp_path / "kept")
    assert path.read_text() == "rows"


def test_many_files_at_once_are_all_taken_one_verdict_each(house: House) -> None:
    for n in range(6):
        day = DAY - timedelta(days=n)
        house.put(f"police_{day}.csv", csv_text([police_row(n, day)]), n_rows=1)
    assert len(house.check().checked) == 6
    assert house.conform() == 6
    assert house.names("inbox") == []
    assert kept_files.sha256_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
