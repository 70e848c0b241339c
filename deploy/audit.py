"""`make audit`: what is known against the packages of the lock, or that nobody could be asked."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKS = ("requirements.lock", "deploy/requirements.lock")
KNOWN, NOT_ASKED = 1, 3
MOST_SHOWN = 5


def verdict(lock: str, report: dict[str, Any] | None, said: str) -> tuple[int, list[str]]:
    """Return a code and lines for one lock: 0 nothing is known, 1 something is, 3 not all could be asked about.

    `report`: what pip-audit wrote, or None where it wrote nothing; `said`: its last words then.
    """
    if report is None:
        return NOT_ASKED, [
            f"{lock}: no advisory source could be reached ({said}). Nothing is known, good or bad."
        ]
    packages = report["dependencies"]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    lines = [
        f"{lock}: {one['name']} {one['version']}: {found['id']}, mended in {_say_versions(found['fix_versions'])}"
        for one in packages
        for found in one.get("vulns", [])
    ]
    code = KNOWN if lines else 0
    if skipped and len(skipped) == len(packages):
        lines.append(
            f"{lock}: the advisory source knows none of its packages. Nothing is known, good or bad."
        )
    elif skipped:
        shown = ", ".join(skipped[:MOST_SHOWN]) + (" …" if len(skipped) > MOST_SHOWN else "")
        lines.append(f"{lock}: {len(skipped)} of {len(packages)} packages could not be asked about: {shown}")
    elif not lines:
        lines.append(f"{lock}: nothing is known against its {len(packages)} packages")
    return code or (NOT_ASKED if skipped else 0), lines


def _say_versions(versions: list[str]) -> str:
    return ", ".join(versions) or "none yet"


def ask(program: Path, lock: str) -> tuple[int, list[str]]:
    """Ask about every package of a lock."""
    done = subprocess.run(  # noqa: S603  a fixed list
        [program, "--requirement", lock, "--require-hashes", "--disable-pip", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = None
    words = done.stderr.strip().splitlines()
    return verdict(lock, report, words[-1] if words else f"code {done.returncode}")


def main(program: Path) -> int:
    """Ask about both locks and say it; the worst code counts."""
    found = [ask(program, lock) for lock in LOCKS]
    for line in [line for _, lines in found for line in lines]:
        print(line)  # noqa: T201
    codes = {code for code, _ in found}
    return KNOWN if KNOWN in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
