"""What the README says can be typed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = sorted(
    set(
        re.findall(
            r"\bnte (run|status|simulate|backtest|doctor|up|retry|purge|query|export|report quarter)\b",
            README,
        )
    )
)
TARGETS = sorted(set(re.findall(r"^make ([a-z]+)$", README, re.MULTILINE)))


def test_the_readme_names_commands_and_targets() -> None:
    assert {"run", "simulate", "backtest", "doctor", "status"} <= set(COMMANDS)
    assert {"demo", "test", "up", "stop"} == set(TARGETS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_has_help_with_an_example(command: str) -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", "cli", *command.split(), "--help"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Example" in done.stdout


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_of_the_readme_is_in_the_makefile(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_file_that_the_readme_links_is_there() -> None:
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []


def test_the_readme_says_how_nte_is_found() -> None:
    assert 'export PATH="$PWD/.venv/bin:$PATH"' in README


def test_every_picture_of_the_docs_is_shown_somewhere_and_there() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    shown = {name for page in pages for name in re.findall(r"figures/([\w.-]+)", page.read_text())}
    assert shown == {path.name for path in (ROOT / "docs" / "figures").iterdir()}
