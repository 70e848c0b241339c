"""Metrics from the warehouse and its published copy: written, shown and served."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from nte.area import Area
from nte.errors import MisuseError, NteError
from nte.files import GROUP, write_atomically
from nte.settings import Settings
from nte.warehouse import open_warehouse, read_published
from reports.metrics.readings import OUTBOX, OUTBOX_SQL, Readings, as_text

FILE = "metrics.prom"
HOST = "127.0.0.1"


def write_metrics(settings: Settings, area: Area, now: datetime) -> Path:
    """Write the file that node_exporter's textfile collector reads, whole or not at all; return where it is.

    For the task that publishes: it holds the warehouse, which knows the outbox.
    """
    with open_warehouse(settings) as warehouse:
        waiting = dict(warehouse.query(OUTBOX_SQL).iter_rows())
        readings = Readings(area, now, warehouse.query, _published_at(settings), waiting)
        text = as_text(readings)
    path = settings.published_file.with_name(FILE)
    write_atomically(path, lambda file: file.write(text), GROUP)
    return path


def show_metrics(settings: Settings, area: Area, now: datetime) -> str:
    """Return the metrics of the published copy as text. Raises NteError when nothing was published yet."""
    return as_text(_readings(settings, area, now)).decode()


def serve_metrics(
    settings: Settings, area: Area, port: int, clock: Callable[[], datetime]
) -> Callable[[], None]:
    """Answer Prometheus on this machine, each time with what is published then; return what ends it.

    Raises MisuseError when the port is taken.
    """
    registry = CollectorRegistry()
    registry.register(_Live(settings, area, clock))
    try:
        server, thread = start_http_server(port, addr=HOST, registry=registry)
    except OSError as problem:
        raise MisuseError(
            f"port {port} is taken on this machine. Choose another: nte metrics --port 9109"
        ) from problem

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


@dataclass(frozen=True, eq=False)
class _Live(Collector):
    """Reads the published copy anew for every question; says nothing while there is none."""

    settings: Settings
    area: Area
    clock: Callable[[], datetime]

    def collect(self) -> Iterator[Metric]:
        if self.settings.published_file.exists():
            yield from _readings(self.settings, self.area, self.clock()).collect()

    def describe(self) -> list[Metric]:
        return []


def _readings(settings: Settings, area: Area, now: datetime) -> Readings:
    published_at = _published_at(settings)
    if published_at is None:
        raise NteError(
            f"{settings.published_file}: nothing was published yet. Run `nte run` or start the DAGs first."
        )
    return Readings(
        area, now, lambda sql: read_published(settings.published_file, sql), published_at, _waiting(settings)
    )


def _published_at(settings: Settings) -> float | None:
    file = settings.published_file
    return file.stat().st_mtime if file.exists() else None


def _waiting(settings: Settings) -> dict[str, float] | None:
    """Return the outbox as the last publishing saw it: the copy for analysts does not hold it."""
    file = settings.published_file.with_name(FILE)
    if not file.exists():
        return None
    families = text_string_to_metric_families(file.read_text())
    samples = [sample for family in families if family.name == OUTBOX for sample in family.samples]
    return {sample.labels["status"]: sample.value for sample in samples} if samples else None
