"""kill -9 on DuckDB alone, without this service: open, read everything, write, checkpoint, killed at a random instant.

`python -m tests.faults.duckdb_alone --kills 1000 --seed 1 --folder DIR`. Each child opens the file that the killed one
before it left, reads every block, and holds it against what the last committed transaction said of itself. A file that
cannot be read, or that says something else, is kept beside the report; the loop goes on with a new one.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import duckdb

from nte.warehouse import STORAGE_VERSION

SMALL, LARGE = 400, 300_000
"""Rows of a table: some that fit one block, and more than one row group, which DuckDB writes before it commits."""
LONGEST_LIFE_SECONDS = 0.6
SHORTEST_FILE, LONGEST_FILE = 20, 200
"""Kills that one file lives through."""
GOOD, WRONG = 0, 3
TABLES = ("one", "two", "large")
MAKE = (
    "CREATE TABLE IF NOT EXISTS said (name VARCHAR, n BIGINT, total HUGEINT, texts UBIGINT)",
    *(f"CREATE TABLE IF NOT EXISTS {name} (a BIGINT, b DOUBLE, c VARCHAR, d TIMESTAMPTZ)" for name in TABLES),
)
SEEN = "SELECT count(*), coalesce(sum(a), 0), coalesce(bit_xor(hash(a, b, c, d)), 0) FROM {name}"


def live(path: Path, seed: int, ready: int) -> None:
    """Open, read everything, then write until killed; end this process with WRONG where something is not as written."""
    random = Random(seed)  # noqa: S311  instants and rows, no secrets
    try:
        connection = duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE_VERSION})
        for statement in MAKE:
            connection.execute(statement)
        check(connection)
        os.write(ready, b".")
        while True:
            write(connection, random)
            if random.random() < 0.4:
                connection.execute("CHECKPOINT")
            if random.random() < 0.1:
                connection.close()
                connection = duckdb.connect(
                    str(path), config={"storage_compatibility_version": STORAGE_VERSION}
                )
    except (duckdb.Error, ValueError) as problem:
        path.with_suffix(".why").write_text(f"{type(problem).__name__}: {problem}")
        os._exit(WRONG)


def check(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise ValueError where a table is not what the transaction that wrote it said of it."""
    said = {name: rest for name, *rest in connection.execute("FROM said").fetchall()}
    for name in TABLES:
        found = list(connection.execute(SEEN.format(name=name)).fetchall()[0])
        if found != said.get(name, [0, 0, 0]):
            raise ValueError(f"{name} holds {found} where {said.get(name)} was committed")


def write(connection: duckdb.DuckDBPyConnection, random: Random) -> None:
    """Replace rows of one or two tables in one transaction, as the service does, and say what they hold now."""
    connection.execute("BEGIN")
    for name in random.sample(TABLES, random.choice((1, 2))):
        n = random.randrange(LARGE) if name == "large" else random.randrange(SMALL)
        where = random.choice(("true", "a % 3 = 0", "a < 100000"))
        rows = f"SELECT (i * {random.randrange(1, 99)}) % 1000003, random(), 'text ' || i, now() FROM range({n}) r(i)"
        connection.execute(f"DELETE FROM {name} WHERE {where}")
        connection.execute(f"INSERT INTO {name} {rows}")
        connection.execute("DELETE FROM said WHERE name = ?", [name])
        connection.execute(f"INSERT INTO said SELECT '{name}', * FROM ({SEEN.format(name=name)})")
    connection.execute("COMMIT")


def born(path: Path, seed: int) -> tuple[int, int]:
    """Fork a child that lives on a file; return it and the pipe in which it says that it has read everything."""
    seen, ready = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(seen)
        live(path, seed, ready)
    os.close(ready)
    return child, seen


def killed(path: Path, random: Random) -> str:
    """Let a child live on the file for a random time and kill it; return what came of it."""
    child, seen = born(path, random.randrange(1 << 30))
    is_early = random.random() < 0.3
    if not is_early:
        os.read(seen, 1)
    time.sleep(random.random() * LONGEST_LIFE_SECONDS)
    os.kill(child, signal.SIGKILL)
    os.close(seen)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        return "wrong"
    return "killed as it opened or read" if is_early else "killed as it wrote"


def kill_alone(n_kills: int, seed: int, folder: Path | None = None) -> int:
    """Kill as often as asked, print what was found, and return how many files came out wrong."""
    random, tally, n_files = Random(seed), Counter[str](), 0  # noqa: S311
    folder = folder or Path(tempfile.mkdtemp(prefix="nte-duckdb-"))
    folder.mkdir(parents=True, exist_ok=True)
    path, left = folder / "file.duckdb", 0
    while tally.total() < n_kills:
        if left == 0:
            left, n_files = random.randint(SHORTEST_FILE, LONGEST_FILE), n_files + 1
            for old in folder.glob("file.*"):
                old.unlink()
        outcome = killed(path, random)
        tally[outcome] += 1
        left -= 1
        if outcome == "wrong":
            kept = folder / f"wrong-{seed}-{tally.total()}"
            kept.mkdir()
            for one in folder.glob("file.*"):
                shutil.copy(one, kept)
            print(f"kill {tally.total()}: {(kept / 'file.why').read_text()} Kept in {kept}", flush=True)
            left = 0
    parts = "; ".join(f"{n} {what}" for what, n in sorted(tally.items()))
    print(f"DuckDB {duckdb.__version__} alone: {tally.total()} kills on {n_files} files: {parts}")
    return tally["wrong"]


def main() -> int:
    """Kill as often as asked; code 1 when a file came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.duckdb_alone", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, help="where the files stand, and those that came out wrong stay"
    )
    chosen = parser.parse_args()
    return 1 if kill_alone(chosen.kills, chosen.seed, chosen.folder) else 0


if __name__ == "__main__":
    sys.exit(main())
