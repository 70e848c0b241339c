"""The unit files: what they start is there, and comes back when it fails."""

import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
INSTALLED = "/opt/nte-monitor/"


def unit(name: str) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string((ROOT / "deploy" / name).read_text())
    return read


def test_the_service_is_supervised_and_begun_anew_when_it_gives_up() -> None:
    service = unit("nte.service")["Service"]
    program, *arguments = service["ExecStart"].split()
    assert program == f"{INSTALLED}.venv/bin/nte"
    shown = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cli", arguments[0], "--help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert all(option in shown for option in arguments[1:])
    assert service["Restart"] == "on-failure"
    assert service["UMask"] == "0077"
    assert unit("nte.service")["Unit"]["StartLimitIntervalSec"] == "0"


def test_the_timer_starts_a_backup_that_is_there() -> None:
    assert unit("nte-backup.timer")["Timer"]["Persistent"] == "true"
    command = unit("nte-backup.service")["Service"]["ExecStart"]
    found = re.fullmatch(rf"{INSTALLED}(deploy/backup) /\S+", command)
    assert found is not None
    assert (ROOT / found[1]).stat().st_mode & 0o111


def test_no_unit_holds_a_secret() -> None:
    for path in (ROOT / "deploy").glob("nte*.*"):
        set_here = re.findall(r"^Environment=(\S+)=", path.read_text(), re.MULTILINE)
        assert set(set_here) <= {"NTE_HOME"}, path.name
