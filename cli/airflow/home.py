"""The Airflow of this installation: where it lives and how it is set up, the same for a run and for the UI."""

import os
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from cli.airflow.lineage import lineage_environment
from nte.errors import MisuseError, NteError
from nte.files import close_to_others, make_folder
from nte.settings import CHECKOUT, Settings

DAG_FOLDER = CHECKOUT / "dags"
PLUGIN_FOLDER = CHECKOUT / "plugins"
CONNECTION = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
POOLS = {
    "warehouse": (1, "one task at a time opens the warehouse"),
    "bands": (2, "forecasts of bands: as many at once as this installation's workers have cores for"),
}
"""Slots of each pool as it is made; ops may change those of `bands`."""
SQLITE_PATIENCE = {"timeout": 60.0}
"""Seconds that a command waits while Airflow's own processes write its database; Airflow names it by its path."""


def airflow_environment(settings: Settings, time_zone: str) -> dict[str, str]:
    """Return the environment in which this installation's Airflow runs; the person's own AIRFLOW__ settings win.

    Every path is said here, because airflow.cfg keeps those of the home in which it was written.
    """
    home = settings.home.resolve()
    airflow_home = home / "airflow"
    ours = {
        "AIRFLOW_HOME": str(airflow_home),
        "AIRFLOW_CONFIG": str(airflow_home / "airflow.cfg"),
        CONNECTION: own_database(settings),
        "NTE_METADATA": os.environ.get(CONNECTION, settings.metadata),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(airflow_home / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(
            airflow_home / "logs" / "dag_processor"
        ),
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAG_FOLDER),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGIN_FOLDER),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": time_zone,
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "NTE_HOME": str(home),
        "NTE_AREA": str(settings.area.resolve()),
        "NTE_INBOX": str(settings.inbox_folder.resolve()),
        "GX_ANALYTICS_ENABLED": "false",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    ours |= metrics_environment(settings.metrics) | lineage_environment(settings.lineage)
    return {
        name: value
        for name, value in ours.items()
        if not name.startswith("AIRFLOW__") or name not in os.environ
    }


def own_database(settings: Settings) -> str:
    """Return the address of the Airflow database inside this home."""
    return settings.model_copy(update={"metadata": ""}).airflow_database


def has_own_database(settings: Settings) -> bool:
    """Say whether Airflow's database is the file in this home, not one that the person named."""
    return os.environ.get(CONNECTION, own_database(settings)) == own_database(settings)


def metrics_environment(address: str) -> dict[str, str]:
    """Return Airflow's settings that send its own metrics to statsd://HOST:PORT or otlp://HOST:PORT; none for ''.

    Raises MisuseError when the address is of another shape.
    """
    if not address:
        return {}
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if parts.scheme not in ("statsd", "otlp") or not host or not port:
        raise MisuseError(
            f"NTE_METRICS is {address!r}. Write statsd://HOST:8125 or otlp://HOST:4318, or leave it empty."
        )
    if parts.scheme == "statsd":
        return {
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": host,
            "AIRFLOW__METRICS__STATSD_PORT": str(port),
            "AIRFLOW__METRICS__STATSD_PREFIX": "airflow",
        }
    return {
        "AIRFLOW__METRICS__OTEL_ON": "True",
        "AIRFLOW__METRICS__OTEL_HOST": host,
        "AIRFLOW__METRICS__OTEL_PORT": str(port),
        "AIRFLOW__METRICS__OTEL_PREFIX": "airflow",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{host}:{port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    }


def prepare_airflow(settings: Settings, time_zone: str) -> None:
    """Set the environment of this process and make the Airflow database where there is none."""
    os.environ.update(airflow_environment(settings, time_zone))
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "CRITICAL")
    if has_own_database(settings):
        for option in ("SQL_ALCHEMY_CONNECT_ARGS", "SQL_ALCHEMY_CONNECT_ARGS_ASYNC"):
            os.environ.setdefault(f"AIRFLOW__DATABASE__{option}", f"{__name__}.SQLITE_PATIENCE")
    database = Path(os.environ["AIRFLOW_HOME"]) / "airflow.db"
    make_folder(database.parent)
    for private in settings.private_folders:  # of an installation that was less careful
        close_to_others(private)
    for folder in (str(PLUGIN_FOLDER), str(DAG_FOLDER)):
        if folder not in sys.path:
            sys.path.append(folder)
    if has_own_database(settings) and (problem := database_problem(database)):
        raise NteError(problem)
    from airflow.models.pool import Pool  # noqa: TID251  these must see the environment above
    from airflow.utils import db

    if not database.exists():
        db.initdb()
    for pool, (slots, why) in POOLS.items():
        if pool == "warehouse" or Pool.get_pool(pool) is None:
            Pool.create_or_update_pool(pool, slots=slots, description=why, include_deferred=False)


def as_the_service() -> None:
    """Let this process see connections as the service's own processes do: secrets backends and database included."""
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"


def become_airflow(settings: Settings, time_zone: str, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by Airflow's own command line, in the environment of this installation."""
    prepare_airflow(settings, time_zone)
    program = Path(sys.executable).parent / "airflow"
    os.execv(program, [str(program), *arguments])  # noqa: S606  our own interpreter's airflow


def database_problem(database: Path) -> str | None:
    """Return what is wrong with an Airflow database that is there already, and what to do; None when all is well.

    Airflow is imported: its environment must be set before.
    """
    if not database.exists():
        return None
    found, ours = _revision(database), _current_revision()
    if found == ours:
        return None
    made_by = (
        "was not finished, or is no Airflow database"
        if found is None
        else "was made by another version of Airflow"
    )
    return (
        f"{database} {made_by} (this is {version('apache-airflow')}). Move its folder away and start again: "
        f"mv {database.parent} {database.parent}.old. Only the UI's past runs and logins are in it: deliveries, "
        "warehouse and reports are elsewhere. To keep the runs of an older version instead: "
        f"AIRFLOW_HOME={database.parent} airflow db migrate"
    )


def missing_pools(database: Path) -> list[str]:
    """Return the pools without which tasks would wait for ever; none while there is no database."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        slots = dict(connection.execute("SELECT pool, slots FROM slot_pool").fetchall())
    return [pool for pool in POOLS if not slots.get(pool)]


def _revision(database: Path) -> str | None:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        return None
    return str(row[0]) if row else None


def _current_revision() -> str:
    from airflow.utils.db import _REVISION_HEADS_MAP  # in Airflow's order, the latest last

    return list(_REVISION_HEADS_MAP.values())[-1]
