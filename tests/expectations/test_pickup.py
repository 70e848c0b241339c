"""Deliveries that are fetched from a share: whole, once, and nothing there is touched."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest

from cli.doctor import pickups
from flows.pickup_places import open_place
from flows.run import Run
from flows.take_deliveries import TAKE_DELIVERIES, check
from nte.area import Source
from nte.errors import NteError
from tests.areas import derbyshire
from tests.expectations.fetching import NAME, NOW, OLD, fetch, leave, let_fetch
from tests.expectations.house import House, csv_text, police_row


@pytest.fixture
def share(tmp_path: Path, house: House) -> Path:
    """The folder of a provider, from which the house fetches."""
    folder = tmp_path / "out going"
    folder.mkdir()
    let_fetch(house, f"file://{str(folder).replace(' ', '%20')}")
    return folder


def run_of(house: House) -> Run:
    return Run(house.settings, house.area, NOW, slack=lambda: None)


def test_a_delivery_is_fetched_once_used_and_left_where_it_was(share: Path, house: House) -> None:
    original = leave(share, NAME, csv_text([police_row(n) for n in range(3)]))
    leave(share, "police_2026-03-25.json", '{"rows": 3}')
    before = original.stat()
    assert check(run_of(house), "police") == []
    assert house.conform() == 3
    assert house.names("accepted") == ["police/police_2026-03-25.csv", "police/police_2026-03-25.json"]
    assert fetch(house) == ((), ())
    assert (original.stat().st_mtime_ns, original.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    leave(share, NAME, csv_text([police_row(n) for n in range(4)]), OLD + 60)
    leave(share, "police_2026-03-25.json", '{"rows": 4}', OLD + 60)
    assert fetch(house) == ((NAME,), ())


def test_what_still_grows_is_ahead_or_is_no_delivery_stays(share: Path, house: House) -> None:
    leave(share, NAME, "half a fi", time.time())
    leave(share, "police_2026-03-26.csv", csv_text([police_row()]))
    leave(share, "police_2026-03-27.csv", csv_text([police_row()]))
    leave(share, "police_2026-03-24.csv.part", "x")
    leave(share, "notes.csv", "x")
    (share / "police_2026-03-23.csv").symlink_to("/etc/passwd")
    assert fetch(house) == (("police_2026-03-26.csv",), (NAME,))
    leave(share, "police_2026-03-25.json", '{"rows": 1}')
    assert fetch(house) == ((NAME,), ()), "a manifest says that it is whole"
    assert fetch(house, NOW + timedelta(days=1)) == (("police_2026-03-27.csv",), ())


def test_one_that_changes_while_it_is_copied_is_fetched_another_time(
    share: Path,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = leave(share, NAME, "first")

    def copy_slowly(source: IO[bytes], target: IO[bytes]) -> None:
        target.write(source.read())
        original.write_text("first and more")

    with monkeypatch.context() as patched:
        patched.setattr("shutil.copyfileobj", copy_slowly)
        assert fetch(house) == ((), (NAME,))
    assert house.names("inbox") == []
    os.utime(original, (OLD, OLD))
    assert fetch(house) == ((NAME,), ())
    assert (house.settings.inbox_folder / "police" / NAME).read_text() == "first and more"


def test_a_share_that_dies_is_one_sentence_and_what_is_here_is_checked(share: Path, house: House) -> None:
    house.put_day("police", [police_row()])
    share.rename(share.with_name("gone"))
    with pytest.raises(
        NteError,
        match=r"deliveries of police cannot be fetched from it \(No such file or directory\)\. Let this",
    ):
        check(run_of(house), "police")
    assert house.deliveries().height == 1
    (finding,) = pickups(house.area)
    assert not finding.is_good
    share.with_name("gone").rename(share)
    assert [finding.is_good for finding in pickups(house.area)] == [True]


def test_one_that_dies_in_the_middle_leaves_no_half_file(
    share: Path,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave(share, NAME, csv_text([police_row()]))

    def die(source: IO[bytes], target: IO[bytes]) -> None:
        target.write(source.read(20))
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("shutil.copyfileobj", die)
        with pytest.raises(
            NteError, match=r"could not be copied .* the next run fetches it from its beginning"
        ):
            fetch(house)
    assert house.names("inbox") == []
    assert fetch(house) == ((NAME,), ())


def test_a_lost_list_brings_files_again_and_they_are_already_seen(share: Path, house: House) -> None:
    leave(share, NAME, csv_text([police_row()]))
    check(run_of(house), "police")
    house.conform()
    (house.home / "pickup" / "police.json").write_text("{")
    check(run_of(house), "police")
    assert sorted(house.verdicts()["verdict"]) == ["accepted", "already_seen"]


@pytest.mark.parametrize(
    "address",
    [
        "sftp:///out",
        "sftp://me:word@force/out",
        "sftp://force",
        "s3://bucket/x",
        "/mnt/out",
        "file://host/out",
        "file:///a?b",
    ],
)
def test_another_address_is_refused_with_what_to_do(address: str) -> None:
    facts = derbyshire().sources["police"].model_dump() | {"pickup": address}
    with pytest.raises(ValueError, match="no folder to fetch from"):
        Source.model_validate(facts)


def test_where_deliveries_are_fetched_they_are_looked_for_all_morning(share: Path, house: House) -> None:
    assert TAKE_DELIVERIES.on_clock(derbyshire()) == ("0 6 * * *",)
    assert len(TAKE_DELIVERIES.on_clock(house.area)) == 2


def test_without_the_extra_a_fetch_by_sftp_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = derbyshire().sources["police"].model_dump() | {"pickup": "sftp://force/out"}
    monkeypatch.setattr("flows.sftp.find_spec", lambda _: None)
    with (
        pytest.raises(NteError, match=r"Say: pip install 'nte-monitor\[sftp\]', then"),
        open_place(Source.model_validate(facts)),
    ):
        pass
