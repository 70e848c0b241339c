"""The Airflow of this installation: where it lives and how it is set up, the same for a run and for the UI."""

import os
import sys
from pathlib import Path

from nte.settings import CHECKOUT, Settings

DAG_FOLDER = CHECKOUT / "dags"
PLUGIN_FOLDER = CHECKOUT / "plugins"
POOL = "warehouse"


def airflow_environment(settings: Settings, time_zone: str) -> dict[str, str]:
    """Return the environment in which this installation's Airflow runs; the person's own settings win."""
    home = settings.home.resolve()
    ours = {
        "AIRFLOW_HOME": str(home / "airflow"),
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
    return {
        name: value
        for name, value in ours.items()
        if name.startswith(("NTE_", "PATH")) or name not in os.environ
    }


def prepare_airflow(settings: Settings, time_zone: str) -> None:
    """Set the environment of this process and make the Airflow database where there is none."""
    os.environ.update(airflow_environment(settings, time_zone))
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "CRITICAL")
    database = Path(os.environ["AIRFLOW_HOME"]) / "airflow.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    for folder in (str(PLUGIN_FOLDER), str(DAG_FOLDER)):
        if folder not in sys.path:
            sys.path.append(folder)
    from airflow.models.pool import Pool  # noqa: PLC0415, TID251  these must see the environment above
    from airflow.utils import db  # noqa: PLC0415

    if not database.exists():
        db.initdb()
    Pool.create_or_update_pool(
        POOL, slots=1, description="one task at a time opens the warehouse", include_deferred=False
    )
