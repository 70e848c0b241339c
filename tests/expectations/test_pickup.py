"""Deliveries that are fetched from a share: whole, once, and nothing there is touched."""

import os
import resource
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cli.doctor import pickups
from flows.pickup_places import open_place
from flows.run import Run
from flows.take_deliveries import TAKE_DELIVERIES, check
from nte.area import Source
from nte.errors import NteError
from tests.areas import derbyshire
from tests.expectations.fetching import NAME, NOW, OLD, fetch, fetched, inbox, leave, let_fetch, parts
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
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", lambda _: original.write_text("first and more"))
        assert fetch(house) == ((), (NAME,))
    assert (inbox(house), parts(house)) == ([], [])
    os.utime(original, (OLD, OLD))
    assert fetch(house) == ((NAME,), ())
    assert fetched(house) == b"first and more"


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


@contextmanager
def no_file_longer_than(n_bytes: int) -> Iterator[None]:
    """Let every write beyond so many bytes of a file fail, as where the room is used up."""
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, was[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)


def break_off(house: House) -> None:
    """Let a fetch end in the middle of a large file."""
    with (
        no_file_longer_than(300_000),
        pytest.raises(NteError, match=r"could not be copied .*\(File too large\).* the next run goes on"),
    ):
        fetch(house)
    assert inbox(house) == []
    assert [part.stat().st_size for part in parts(house)] == [300_000]


def test_one_that_breaks_off_goes_on_from_the_bytes_that_have_come(share: Path, house: House) -> None:
    original = leave(share, NAME, "a" * 700_000)
    break_off(house)
    leave(share, NAME, "b" * 700_000)
    said: list[str] = []
    assert fetch(house, tell=said.append) == ((NAME,), ())
    assert fetched(house) == b"a" * 300_000 + b"b" * 400_000, "what had come was not read again"
    assert said == [f"{NAME}: 0.3 of 0.7 MB had come before; it goes on from there"]
    assert (parts(house), original.exists()) == ([], True)


def test_one_that_has_changed_since_it_broke_off_begins_anew(share: Path, house: House) -> None:
    leave(share, NAME, "a" * 700_000)
    break_off(house)
    leave(share, NAME, "b" * 700_000, OLD + 60)
    assert fetch(house) == ((NAME,), ())
    assert fetched(house) == b"b" * 700_000
    assert parts(house) == [], "of the old one nothing is kept"


def test_one_for_which_there_is_no_room_is_not_begun(
    share: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(share, NAME, "a" * 700_000)
    room = shutil.disk_usage(share)._replace(free=600_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: room)
    with pytest.raises(NteError, match=r"could not be copied .*\(No space left on device\)"):
        fetch(house)
    assert sum(part.stat().st_size for part in parts(house)) == 0


def test_a_long_fetch_says_how_far_it_is(share: Path, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(share, NAME, "a" * 700_000)
    monkeypatch.setattr("nte.pickup.parts.SAYS_EVERY_SECONDS", 0.0)
    said: list[str] = []
    check(replace(run_of(house), tell=said.append), "police")
    assert said[:2] == [f"{NAME}: 0.3 of 0.7 MB have come", f"{NAME}: 0.5 of 0.7 MB have come"]


def test_two_runs_at_once_fetch_a_file_once(
    share: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(share, NAME, "a" * 700_000)
    monkeypatch.setattr("nte.pickup.parts.SAYS_EVERY_SECONDS", 0.0)
    second, said = list[object](), list[str]()
    other = threading.Thread(target=lambda: second.append(fetch(house, tell=said.append)))

    def begin_the_other(_: str) -> None:
        if not other.ident:
            other.start()
            other.join(0.3)

    assert fetch(house, tell=begin_the_other) == ((NAME,), ())
    other.join()
    assert second == [((), ())]
    assert said == ["police: another run is fetching its deliveries; this one waits for it"]
    assert fetched(house) == b"a" * 700_000


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
        "s3://force@/x",
        "s3://force@Bucket/x",
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


@pytest.mark.parametrize(
    ("address", "extra"), [("sftp://force/out", "sftp"), ("s3://force@bucket/out", "s3")]
)
def test_without_its_extra_a_fetch_says_how_to_install_it(
    address: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = derbyshire().sources["police"].model_dump() | {"pickup": address}
    monkeypatch.setattr(f"flows.{extra}.find_spec", lambda _: None)
    with (
        pytest.raises(NteError, match=rf"Say: pip install 'nte-monitor\[{extra}\]', then"),
        open_place(Source.model_validate(facts)),
    ):
        pass
