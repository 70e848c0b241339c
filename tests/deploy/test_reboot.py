"""The rehearsal of a reboot, up to where it needs a machine of its own: what it types is what the documentation says."""

from pathlib import Path

import pytest
from rich.console import Console

from deploy.reboot import documented_commands, rehearse
from nte.errors import MisuseError, NteError

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"


def test_what_is_documented_installs_every_unit_and_asks_the_doctor_as_the_units_user() -> None:
    install, ask_doctor = documented_commands()
    assert all(f"deploy/{unit.name}" in install for unit in DEPLOY.glob("nte*.*"))
    assert "systemctl enable --now nte.service nte-backup.timer" in install
    assert "--uid=nte " in ask_doctor
    assert ask_doctor.endswith("/opt/nte-monitor/.venv/bin/nte doctor\n")


def test_every_folder_that_a_unit_writes_to_is_made_for_its_user() -> None:
    install, _ = documented_commands()
    for unit in DEPLOY.glob("nte*.service"):
        [line] = [line for line in unit.read_text().splitlines() if line.startswith("ReadWritePaths=")]
        for folder in line.removeprefix("ReadWritePaths=").split():
            made = [one for one in install.splitlines() if one.startswith("install -d -o nte -g nte ")]
            assert any(f" {folder} " in one for one in made), f"{unit.name}: {folder}"


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(MisuseError, match="is there already"):
        rehearse(Console(), tmp_path)


def test_what_is_missing_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NteError, match="apt-get install debootstrap systemd-container util-linux"):
        rehearse(Console(), tmp_path / "new")
    assert not (tmp_path / "new").exists()
