"""The copy for analysts in the DuckDB that they have: older releases, each in a folder of its own.

Part of `make faults`: it asks the package index for them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.query import BOOK
from nte.settings import Settings
from nte.warehouse import read_published

pytestmark = pytest.mark.campaign

UV = Path(sys.executable).parent / "uv"
WHOLE = (
    "FROM start_here",
    "FROM knife_month",
    "FROM as_known(TIMESTAMPTZ '2030-01-01 06:00:00+00')",
)
ASK = """
import json, pathlib, sys
import duckdb

copy = duckdb.connect(sys.argv[1], read_only=True)
kinds = ("tables", "views", "columns")
unsaid = {kind: copy.sql(f"SELECT count(*) FROM duckdb_{kind}() WHERE NOT internal AND comment IS NULL").fetchone()[0] for kind in kinds}
refused = {}
for path in pathlib.Path(sys.argv[2]).glob("*.sql"):
    try:
        copy.execute(path.read_text()).fetchall()
    except duckdb.Error as problem:
        refused[path.stem] = str(problem)
rows = [len(copy.execute(sql).fetchall()) for sql in sys.argv[3:]]
keys = copy.sql("SELECT count(*) FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'").fetchone()[0]
print(json.dumps([duckdb.__version__, unsaid, refused, rows, keys]))
"""


@pytest.mark.parametrize("version", ["1.2.2", "1.3.2", "1.4.4"])
def test_views_comments_keys_the_macro_and_every_question_work_in_an_older_duckdb(
    version: str, settings: Settings, tmp_path: Path
) -> None:
    install = [str(UV), "pip", "install", "--quiet", "--target", str(tmp_path), f"duckdb=={version}", "pytz"]
    subprocess.run(install, check=True)
    done = subprocess.run(
        [sys.executable, "-c", ASK, settings.published_file, BOOK, *WHOLE],
        env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    asked = [read_published(settings.published_file, sql).height for sql in WHOLE]
    none = {"tables": 0, "views": 0, "columns": 0}
    assert json.loads(done.stdout) == [version, none, {}, asked, 7]
    assert asked[-1] > 0
