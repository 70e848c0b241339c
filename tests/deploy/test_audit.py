"""What an audit says: what is known, what is not, and that nobody could be asked."""

from typing import Any

import pytest

from deploy.audit import verdict

FINE: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
BAD: dict[str, Any] = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
SKIPPED: dict[str, Any] = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "says"),
    [
        ([FINE], 0, "nothing is known against its 1 packages"),
        ([FINE, BAD], 1, "b 2: CVE-1, mended in 3"),
        ([FINE, SKIPPED], 3, "1 of 2 packages could not be asked about: c"),
        ([SKIPPED], 3, "Nothing is known, good or bad"),
        ([BAD, SKIPPED], 1, "1 of 2 packages could not be asked about: c"),
    ],
)
def test_what_is_known_and_what_is_not_are_told_apart(
    packages: list[dict[str, Any]], code: int, says: str
) -> None:
    found, lines = verdict("x.lock", {"dependencies": packages}, "")
    assert found == code
    assert says in "\n".join(lines)


def test_a_source_that_cannot_be_reached_is_not_an_all_clear() -> None:
    code, lines = verdict("x.lock", None, "Connection refused")
    assert code == 3
    assert lines == [
        "x.lock: no advisory source could be reached (Connection refused). Nothing is known, good or bad."
    ]
