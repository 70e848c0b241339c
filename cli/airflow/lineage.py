"""Where Airflow tells, in OpenLineage, what each task made of what: off unless a setting names a file or an address."""

import json
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import unquote, urlsplit

from nte.errors import MisuseError

NAMESPACE = "nte"
PROVIDER = "apache-airflow-providers-openlineage"
INSTALL = "uv pip install 'nte-monitor[lineage]'"


def lineage_environment(address: str) -> dict[str, str]:
    """Return Airflow's settings that send lineage to file:///PATH or to http(s)://HOST:PORT; none for ''.

    Names of tasks and tables go out: no source code, no rows. Raises MisuseError when the address is of another shape,
    or when Airflow's provider for it is not installed.
    """
    if not address:
        return {}
    transport = _transport(address)
    try:
        version(PROVIDER)  # Airflow itself is not imported yet: its settings are being made here
    except PackageNotFoundError as problem:
        raise MisuseError(f"NTE_LINEAGE is set, and {PROVIDER} is not installed. Say: {INSTALL}") from problem
    return {
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": NAMESPACE,
        "AIRFLOW__OPENLINEAGE__DISABLE_SOURCE_CODE": "True",
    }


def _transport(address: str) -> dict[str, object]:
    """Return the address as OpenLineage's client says it."""
    parts = urlsplit(address)
    if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1:
        return {"type": "file", "log_file_path": unquote(parts.path), "append": True}
    if parts.scheme in ("http", "https") and parts.hostname:
        return {"type": "http", "url": address}
    raise MisuseError(
        f"NTE_LINEAGE is {address!r}. Write file:///var/log/nte/lineage.jsonl or https://HOST:PORT, or leave it empty."
    )
