"""`python -m tests.mutations`: take one check out at a time; each time a test must fail. Code 1 if one is not missed.

Works on a copy of the checkout. A check is taken out by code that is appended to its module, so that nothing in the
service knows of this.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "var", ".*_cache", ".hypothesis", "__pycache__")
EXPECTATIONS = "tests/expectations"


@dataclass(frozen=True)
class Mutation:
    """One check, how it is taken out, and where a test is likely to miss it."""

    name: str
    module: str
    code: str
    tests: str


def _without_rule(name: str, function: str, tests: str) -> Mutation:
    code = f"""
_all_{function} = {function}
def {function}(*arguments):
    return [rule for rule in _all_{function}(*arguments) if rule.rule != "{name}"]
"""
    return Mutation(name, "expectations/rules.py", code, tests)


def _without_outcome(name: str, function: str, module: str, tests: str) -> Mutation:
    code = f"""
_all_{function} = {function}
def {function}(*arguments):
    return [outcome for outcome in _all_{function}(*arguments) if outcome.rule.rule != "{name}"]
"""
    return Mutation(name, module, code, tests)


def _without_kind(kind: str) -> Mutation:
    code = f"""
_all_kinds = _kinds
def _kinds(area):
    return [one for one in _all_kinds(area) if one[0] != "{kind}"]
"""
    return Mutation(
        f"cells: {kind}", "expectations/personal_data.py", code, f"{EXPECTATIONS}/test_personal_data.py"
    )


ROWS, WHOLE = f"{EXPECTATIONS}/test_rows.py", f"{EXPECTATIONS}/test_whole_files.py"
USABLE = f"{EXPECTATIONS}/test_usable.py"
PERSONAL, VOLUME = f"{EXPECTATIONS}/test_personal_data.py", f"{EXPECTATIONS}/test_volume.py"
JUDGING, FINDING, INBOX = (
    "expectations/judging.py",
    "expectations/personal_data.py",
    "nte/deliveries/inbox.py",
)

MUTATIONS = [
    *(
        _without_rule(name, "row_rules", ROWS)
        for name in (
            "row_ragged", "key_missing", "version_invalid", "state_unknown", "time_unreadable", "time_impossible",
            "time_unlikely", "order_impossible", "code_unknown", "unplaced_unusual", "record_repeated",
        )
    ),
    _without_rule("key_rounded", "row_rules", USABLE),
    Mutation("key_shared", JUDGING, "\ndef shared_keys(*_):\n    return []\n", USABLE),
    Mutation("accepted means usable", "transforms/usability_memory.py", "\ndef unusable_nights(*_):\n    return []\n", USABLE),
    Mutation("what cannot be used changes nothing", "transforms/steps.py", "\ndef without_faulty(records, *_):\n    return records\n", USABLE),
    _without_rule("columns_missing", "file_rules", WHOLE),
    _without_rule("rows_not_as_declared", "file_rules", WHOLE),
    _without_rule("volume_extreme", "file_rules", VOLUME),
    _without_outcome("volume_unusual", "judge_volume", "expectations/volume.py", VOLUME),
    _without_outcome("source_gone_quiet", "judge_volume", "expectations/volume.py", VOLUME),
    Mutation("most_rows_at_fault", JUDGING, "\ndef _condemn(*_):\n    return []\n", WHOLE),
    Mutation("times_at_midnight", JUDGING, "\ndef _dates_only(*_):\n    return []\n", ROWS),
    Mutation("columns_unknown", JUDGING, "\ndef _unknown_columns(*_):\n    return []\n", WHOLE),
    Mutation("version_contradicted", JUDGING, "\ndef with_contradictions(judgement, before):\n    return judgement\n", ROWS),
    Mutation("empty without a manifest", JUDGING, """
_judge_whole = judge_delivery
def judge_delivery(read, manifest_content, arrival, area, past=()):
    declared = manifest_content or b'{"rows": 0}'
    return _judge_whole(read, declared if not read().count(b"\\n") > 1 else manifest_content, arrival, area, past)
""", WHOLE),
    *map(_without_kind, ("nhs_number", "uk_postcode", "uk_phone", "email", "date_of_birth")),
    Mutation("columns by their name", FINDING, "\ndef _kind_of_name(plain):\n    return None\n", PERSONAL),
    Mutation("what stands in the header", FINDING, "\n_find_whole = find_personal_data\ndef find_personal_data(*a):\n    return [f for f in _find_whole(*a) if f.column != HEADER]\n", PERSONAL),
    Mutation("fields beyond the header", FINDING, "\ndef _find_in_surplus(*_):\n    return []\n", PERSONAL),
    Mutation("text that is no table", FINDING, "\ndef find_in_raw_bytes(*_):\n    return []\n", PERSONAL),
    Mutation("the original is not kept", "expectations/steps.py", "\ndef remove_original(path):\n    settle(path, path.parent.parent.parent / 'home' / 'rejected' / path.parent.name)\n", PERSONAL),
    Mutation("what is no text is not kept", JUDGING, "\nJudgement.may_be_kept = property(lambda self: not self.findings)\n", WHOLE),
    Mutation("same bytes again", "expectations/steps.py", "\ndef accepted_before(*_):\n    return None\n", f"{EXPECTATIONS}/test_again.py"),
    Mutation("a link or folder in the inbox", INBOX, "\ndef _why_not_a_file(entry):\n    return None\n", "tests/spec"),
    Mutation("still being written", INBOX, "\ndef _part_growing(arrivals):\n    return arrivals, []\n", EXPECTATIONS),
    Mutation("deliveries of later mornings", INBOX, "\n_scan_all = scan_inbox\ndef scan_inbox(inbox, area, now):\n    return _scan_all(inbox, area, now.replace(year=now.year + 9))\n", EXPECTATIONS),
    Mutation("newest version wins", "transforms/versions.py", "\ndef current_versions(records):\n    return records.sort('known_at', 'delivery_id', 'row_number').unique([*RECORD, 'known_at'], keep='last', maintain_order=True)\n", "tests/transforms"),
]  # fmt: skip


def main() -> int:
    """Run the mutations and print what missed each."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--only", default="", help="only checks whose name holds this text")
    only = parser.parse_args().only
    chosen = [mutation for mutation in MUTATIONS if only in mutation.name]
    unnoticed = []
    with tempfile.TemporaryDirectory(prefix="nte-mutations-") as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for n, mutation in enumerate(chosen, 1):
            started = time.monotonic()
            missed_by = _tests_that_fail(copy, mutation)
            if not missed_by:
                unnoticed.append(mutation.name)
            said = f"missed by {missed_by}" if missed_by else "NOT MISSED"
            print(
                f"{n:3}/{len(chosen)}  {mutation.name}: {said}  ({time.monotonic() - started:.0f} s)",
                flush=True,
            )
    print(f"{len(chosen)} checks taken out one at a time: {len(unnoticed)} not missed by any test")
    return 1 if unnoticed or not chosen else 0


def _tests_that_fail(copy: Path, mutation: Mutation) -> str:
    """Take the check out of the copy; return the first test that fails, or nothing."""
    path = copy / mutation.module
    whole = path.read_text("utf-8")
    path.write_text(whole + mutation.code, "utf-8")
    try:
        for tests in dict.fromkeys((mutation.tests, EXPECTATIONS, "tests/spec", "tests/transforms")):
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", tests]
            done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
            failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
            if failed:
                return failed[0].split()[1].split("::")[-1]
    finally:
        path.write_text(whole, "utf-8")
    return ""


if __name__ == "__main__":
    sys.exit(main())
