"""Who may read what this service writes, whatever the umask of whoever starts it."""

import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from nte.deliveries.kept_files import settle
from nte.files import close_to_others, write_text
from nte.mounts import unmounted
from nte.settings import Settings
from nte.tables.deliveries import INBOX_STRAYS
from nte.warehouse import open_warehouse, publish_copy, read_published


@pytest.fixture(params=[0o000, 0o022, 0o077], autouse=True)
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def rights(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:04o}"


def test_the_warehouse_its_journal_and_the_originals_are_the_owners_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "police.csv").write_text("a")
    (inbox / "police.csv").chmod(0o644)
    settle(inbox / "police.csv", settings.accepted / "police")
    with open_warehouse(settings) as warehouse:
        warehouse.append(INBOX_STRAYS, INBOX_STRAYS.empty())
    written = [path for path in settings.home.rglob("*") if path.name != "posting.lock"]
    assert len(written) > 5
    assert {rights(path) for path in written if path.is_file() and path.suffix != ".wal"} == {"0600"}
    assert {rights(path) for path in [settings.home, *written] if path.is_dir()} == {"0700"}


def test_the_published_copy_is_read_by_the_group_and_nothing_beside_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    write_text(settings.lake / "x", "record")
    publish_copy(settings.published_file, [(INBOX_STRAYS, INBOX_STRAYS.empty())], [])
    assert read_published(settings.published_file, "SELECT * FROM inbox_strays").equals(
        pl.DataFrame(INBOX_STRAYS.empty())
    )
    assert rights(settings.published_file) == "0440"
    assert rights(settings.published_file.parent) == "0750"
    assert rights(settings.home) == "0710"
    assert rights(settings.lake) == "0700"


def test_what_an_earlier_version_left_open_is_closed_with_all_that_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "accepted"
    (folder / "police").mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "police").chmod(0o755)
    (folder / "police" / "a.csv").write_text("record")
    (folder / "police" / "a.csv").chmod(0o644)
    close_to_others(folder)
    assert rights(folder) == rights(folder / "police") == "0700"
    assert rights(folder / "police" / "a.csv") == "0600"


def test_a_share_that_should_be_mounted_and_is_not_is_named(tmp_path: Path) -> None:
    share = tmp_path / "the share"
    fstab = tmp_path / "fstab"
    fstab.write_text(
        f"# a comment\n\nproc /proc proc defaults 0 0\n//x/y {str(share).replace(' ', chr(92) + '040')} cifs ro 0 0\n"
    )
    assert unmounted(share / "inbox", fstab) == share
    assert unmounted(tmp_path / "elsewhere", fstab) is None
    assert unmounted(share / "inbox", tmp_path / "none") is None
    assert unmounted(Path("/proc/inbox"), fstab) is None
