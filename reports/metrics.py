"""The numbers of this service in the form that Prometheus reads: a file beside the published copy, and an endpoint.

What is not known has no sample: a source that was never covered has no lag, rather than one of nought.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from nte.area import Area
from nte.errors import MisuseError, NteError
from nte.files import write_atomically
from nte.settings import Settings
from nte.warehouse import open_warehouse, read_published
from nte.words import AlertState, DeliveryVerdict, MessageStatus

FILE = "metrics.prom"
HOST = "127.0.0.1"
VERDICTS, STATES = tuple(DeliveryVerdict), tuple(AlertState)
WAITING = (MessageStatus.PENDING, MessageStatus.HELD)
OUTBOX = "nte_outbox_messages"
SPAN = "last 8 weekends"

DELIVERIES_SQL = """SELECT d.source, v.verdict, count(*) AS n, sum(v.n_rows) AS n_rows,
sum(v.n_quarantined) AS n_set_aside
FROM verdicts v JOIN deliveries d USING (delivery_id) GROUP BY ALL"""
COVERED_SQL = """SELECT source, max(n.closes_at) AS closes_at FROM night_counts JOIN nights n USING (evening)
WHERE is_covered GROUP BY source"""
BANDS_SQL = "SELECT source, count(*) AS n FROM bands GROUP BY source"
ALERTS_SQL = "SELECT state, count(*) AS n FROM alerts GROUP BY state"
BUDGET_SQL = f"""SELECT n_exceedances / n_exceedances_budget AS used FROM band_scores
WHERE source = '' AND span = '{SPAN}' AND n_exceedances_budget > 0 ORDER BY as_of DESC LIMIT 1"""
OUTBOX_SQL = "SELECT status, count(*) AS n FROM outbox GROUP BY status"


@dataclass(frozen=True, eq=False)
class Readings(Collector):
    """What the tables say at one moment."""

    area: Area
    now: datetime
    query: Callable[[str], pl.DataFrame]
    published_at: float | None
    """Unix time of the published copy; None before the first."""
    waiting: Mapping[str, float] | None
    """Messages in the outbox by status; None where that is not known."""

    def collect(self) -> Iterator[Metric]:
        """Yield every metric with the samples that are known."""
        yield from self._deliveries()
        yield from self._coverage()
        bands = CounterMetricFamily("nte_bands_issued", "Bands issued so far.", labels=["source"])
        _add(bands, self.query(BANDS_SQL), self.area.sources)
        yield bands
        alerts = GaugeMetricFamily(
            "nte_alerts", "Alerts by where they stand in their life.", labels=["state"]
        )
        _add(alerts, self.query(ALERTS_SQL), STATES)
        yield alerts
        yield from self._budget()
        if self.waiting is not None:
            outbox = GaugeMetricFamily(
                OUTBOX, "Messages that wait, as of the last publishing.", labels=["status"]
            )
            for status in WAITING:
                outbox.add_metric([status], self.waiting.get(status, 0.0))
            yield outbox
        if self.published_at is not None:
            name, text = (
                "nte_published_timestamp_seconds",
                "When the published copy was swapped in, unix time.",
            )
            yield GaugeMetricFamily(name, text, value=self.published_at)

    def _deliveries(self) -> Iterator[Metric]:
        found = self.query(DELIVERIES_SQL)
        files = CounterMetricFamily("nte_deliveries", "Files judged so far.", labels=["source", "verdict"])
        rows = CounterMetricFamily("nte_rows", "Rows in the files that could be read.", labels=["source"])
        aside = CounterMetricFamily("nte_quarantined_rows", "Rows set aside.", labels=["source"])
        for source in self.area.sources:
            own = found.filter(pl.col("source") == source)
            by_verdict = dict(own.select("verdict", "n").iter_rows())
            for verdict in VERDICTS:
                files.add_metric([source, verdict], by_verdict.get(verdict, 0))
            rows.add_metric([source], float(own["n_rows"].sum() or 0))
            aside.add_metric([source], float(own["n_set_aside"].sum() or 0))
        yield from (files, rows, aside)

    def _coverage(self) -> Iterator[Metric]:
        name, text = "nte_covered_until_timestamp_seconds", "Close of the latest covered night, unix time."
        until = GaugeMetricFamily(name, text, labels=["source"])
        lag = GaugeMetricFamily(
            "nte_covered_lag_hours", "Hours since the latest covered night.", labels=["source"]
        )
        for source, closes_at in self.query(COVERED_SQL).iter_rows():
            until.add_metric([source], closes_at.timestamp())
            lag.add_metric([source], (self.now - closes_at).total_seconds() / 3600)
        yield from (until, lag)

    def _budget(self) -> Iterator[Metric]:
        text = f"Exceedances of single nights over the false alarms that they may raise, {SPAN}."
        used = GaugeMetricFamily("nte_false_alarm_budget_used_share", text, labels=[])
        for value in self.query(BUDGET_SQL)["used"].to_list():
            used.add_metric([], value)
        yield used


def _add(
    family: CounterMetricFamily | GaugeMetricFamily,
    found: pl.DataFrame,
    known: Mapping[str, object] | tuple[str, ...],
) -> None:
    """Add a sample for every label that can occur: a table that was read has a true nought for the others."""
    n_by_label = dict(found.iter_rows())
    for label in dict.fromkeys([*known, *n_by_label]):
        family.add_metric([label], n_by_label.get(label, 0))


def write_metrics(settings: Settings, area: Area, now: datetime) -> Path:
    """Write the file that node_exporter's textfile collector reads, whole or not at all; return where it is.

    For the task that publishes: it holds the warehouse, which knows the outbox.
    """
    with open_warehouse(settings) as warehouse:
        waiting = dict(warehouse.query(OUTBOX_SQL).iter_rows())
        readings = Readings(area, now, warehouse.query, _published_at(settings), waiting)
        text = _text(readings)
    path = settings.published_file.with_name(FILE)
    write_atomically(path, lambda file: file.write(text))
    return path


def show_metrics(settings: Settings, area: Area, now: datetime) -> str:
    """Return the metrics of the published copy as text. Raises NteError when nothing was published yet."""
    return _text(_readings(settings, area, now)).decode()


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


def _text(readings: Readings) -> bytes:
    registry = CollectorRegistry()
    registry.register(readings)
    return generate_latest(registry)
