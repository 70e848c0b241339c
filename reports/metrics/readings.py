"""The numbers of this service in the form that Prometheus reads: a file beside the published copy, and an endpoint.

What is not known has no sample: a source that was never covered has no lag, rather than one of nought.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from nte.area import Area
from nte.words import AlertRule, AlertState, DeliveryVerdict, MessageStatus

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
HAS_PAST_ALERTS_SQL = "SELECT table_name FROM information_schema.tables WHERE table_name = 'alert_scores'"
"""A copy that was published before alerts were scored has no such table."""
OUTCOMES = ("stood", "withdrawn_for_nothing", "withdrawn_record_gone")
PAST_ALERTS_SPAN = "last 26 weekends"
PAST_ALERTS_SQL = f"""SELECT {", ".join(f"n_{outcome}" for outcome in OUTCOMES)} FROM alert_scores
WHERE rule = '{AlertRule.STANDS}' AND detector = '' AND span = '{PAST_ALERTS_SPAN}'
AND as_of = (SELECT max(as_of) FROM alert_scores)"""
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
        yield from self._past_alerts()
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

    def _past_alerts(self) -> Iterator[Metric]:
        text = f"What became of the alerts that people were told of, {PAST_ALERTS_SPAN}."
        past = GaugeMetricFamily("nte_past_alerts", text, labels=["outcome"])
        if self.query(HAS_PAST_ALERTS_SQL).height:
            for row in self.query(PAST_ALERTS_SQL).iter_rows(named=True):
                for outcome in OUTCOMES:
                    past.add_metric([outcome], row[f"n_{outcome}"])
        yield past


def _add(
    family: CounterMetricFamily | GaugeMetricFamily,
    found: pl.DataFrame,
    known: Mapping[str, object] | tuple[str, ...],
) -> None:
    """Add a sample for every label that can occur: a table that was read has a true nought for the others."""
    n_by_label = dict(found.iter_rows())
    for label in dict.fromkeys([*known, *n_by_label]):
        family.add_metric([label], n_by_label.get(label, 0))


def as_text(readings: Readings) -> bytes:
    """Return readings in the form that Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(readings)
    return generate_latest(registry)
