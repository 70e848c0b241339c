"""The metrics: what Prometheus reads is what the tables say, and what is not known has no sample."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from cli.airflow.home import airflow_environment, metrics_environment
from nte.errors import MisuseError, NteError
from nte.settings import Settings
from nte.tables.alerts import ALERTS, OUTBOX
from nte.tables.bands import BAND_SCORES, BANDS
from nte.tables.counts import NIGHT_COUNTS, NIGHTS
from nte.tables.deliveries import DELIVERIES, VERDICTS
from nte.tables.scores import ALERT_SCORES
from nte.warehouse import open_warehouse, publish_copy
from reports.metrics.steps import FILE, serve_metrics, show_metrics, write_metrics
from tests.areas import derbyshire

AREA = derbyshire()
ROOT = Path(__file__).resolve().parent.parent
EVENING = date(2026, 3, 7)
CLOSES = datetime(2026, 3, 8, 6, tzinfo=UTC)
NOW = CLOSES + timedelta(hours=30)
Samples = dict[tuple[str, ...], float]


def samples(text: str) -> Samples:
    """Name and label values of every sample."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def row(table: object, **known: object) -> pl.DataFrame:
    """One row of a declared table: what matters as given, anything else filled in by its type."""
    usual = {pl.String: "x", pl.Int64: 0, pl.Float64: 0.0, pl.Boolean: True, pl.Date: EVENING}
    columns = table.columns  # type: ignore[attr-defined]
    values = {
        c.name: known.get(c.name, None if c.is_nullable else usual.get(c.dtype, CLOSES)) for c in columns
    }
    return pl.DataFrame({k: [v] for k, v in values.items()}, schema=table.schema)  # type: ignore[attr-defined]


ROWS = (
    (DELIVERIES, row(DELIVERIES, delivery_id="a", source="police")),
    (VERDICTS, row(VERDICTS, delivery_id="a", verdict="accepted_with_quarantine", n_rows=40, n_quarantined=3)),
    (NIGHTS, row(NIGHTS, closes_at=CLOSES)),
    (NIGHT_COUNTS, row(NIGHT_COUNTS, source="police", centre_code="derby", n_incidents=0)),
    (NIGHT_COUNTS, row(NIGHT_COUNTS, source="emas", centre_code="derby", is_covered=False)),
    (BANDS, row(BANDS, source="police", centre_code="derby")),
    (ALERTS, row(ALERTS, alert_id="one", state="open")),
    (BAND_SCORES, row(BAND_SCORES, source="", span="last 8 weekends", n_exceedances=3, n_exceedances_budget=1.5)),
    (ALERT_SCORES, row(ALERT_SCORES, rule="stands", detector="", span="last 26 weekends", n_stood=4, n_withdrawn_record_gone=1)),
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which the police have delivered, nobody else has, and one message waits."""
    home = Settings(home=tmp_path)
    with open_warehouse(home) as warehouse:
        for table, rows in ROWS:
            warehouse.append(table, rows)
        warehouse.append(OUTBOX, row(OUTBOX, status="pending"))
        tables = [(table, warehouse.read(table)) for table in {t.name: t for t, _ in ROWS}.values()]
    publish_copy(home.published_file, tables, [])
    return home


def test_the_file_says_what_the_tables_say(settings: Settings) -> None:
    path = write_metrics(settings, AREA, NOW)
    found = samples(path.read_text())
    assert path == settings.published_file.with_name(FILE)
    assert found["nte_deliveries_total", "police", "accepted_with_quarantine"] == 1
    assert found["nte_deliveries_total", "police", "rejected"] == 0
    assert found["nte_rows_total", "police"] == 40
    assert found["nte_quarantined_rows_total", "police"] == 3
    assert found["nte_covered_lag_hours", "police"] == 30
    assert found["nte_covered_until_timestamp_seconds", "police"] == CLOSES.timestamp()
    assert found["nte_bands_issued_total", "police"] == 1
    assert found["nte_alerts", "open"] == 1
    assert found["nte_alerts", "withdrawn"] == 0
    assert found["nte_false_alarm_budget_used_share",] == 2
    assert found["nte_past_alerts", "stood"] == 4
    assert found["nte_past_alerts", "withdrawn_for_nothing"] == 0
    assert found["nte_past_alerts", "withdrawn_record_gone"] == 1
    assert found["nte_outbox_messages", "pending"] == 1
    assert found["nte_outbox_messages", "held"] == 0
    assert found["nte_published_timestamp_seconds",] == settings.published_file.stat().st_mtime


def test_what_is_not_known_has_no_sample(settings: Settings) -> None:
    with open_warehouse(settings) as warehouse:
        warehouse.replace(BAND_SCORES, BAND_SCORES.empty())
        warehouse.replace(ALERT_SCORES, ALERT_SCORES.empty())
    found = samples(write_metrics(settings, AREA, NOW).read_text())
    assert ("nte_covered_lag_hours", "emas") not in found
    assert ("nte_covered_lag_hours", "ae") not in found
    assert ("nte_false_alarm_budget_used_share",) not in found
    assert ("nte_past_alerts", "stood") not in found


def test_a_copy_from_before_alerts_were_scored_has_no_past_alerts(settings: Settings) -> None:
    with open_warehouse(settings) as warehouse:
        tables = [
            (t, warehouse.read(t)) for t in {t.name: t for t, _ in ROWS}.values() if t is not ALERT_SCORES
        ]
    publish_copy(settings.published_file, tables, [])
    found = samples(show_metrics(settings, AREA, NOW))
    assert ("nte_past_alerts", "stood") not in found
    assert found["nte_alerts", "open"] == 1


def test_the_outbox_is_unknown_until_a_publishing_has_written_it_down(settings: Settings) -> None:
    assert ("nte_outbox_messages", "pending") not in samples(show_metrics(settings, AREA, NOW))
    write_metrics(settings, AREA, NOW)
    assert samples(show_metrics(settings, AREA, NOW))["nte_outbox_messages", "pending"] == 1


def test_the_endpoint_answers_with_what_is_published_now(settings: Settings) -> None:
    moments = iter([NOW, NOW + timedelta(hours=1)])
    end = serve_metrics(settings, AREA, _free_port(), lambda: next(moments))
    try:
        assert _ask()["nte_covered_lag_hours", "police"] == 30
        assert _ask()["nte_covered_lag_hours", "police"] == 31
    finally:
        end()


PORT: list[int] = []


def _free_port() -> int:
    from deploy.cluster_parts import free_port

    PORT[:] = [free_port()]
    return PORT[0]


def _ask() -> Samples:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT[0]}/metrics") as answer:
        return samples(answer.read().decode())


def test_a_taken_port_is_said(settings: Settings) -> None:
    end: Callable[[], None] = serve_metrics(settings, AREA, port := _free_port(), lambda: NOW)
    try:
        with pytest.raises(MisuseError, match=f"port {port} is taken"):
            serve_metrics(settings, AREA, port, lambda: NOW)
    finally:
        end()


def test_before_the_first_publishing_the_next_action_is_said(tmp_path: Path) -> None:
    with pytest.raises(NteError, match=r"nothing was published yet\. Run `nte run`"):
        show_metrics(Settings(home=tmp_path), AREA, NOW)


def test_the_command_prints_them(settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cli", "metrics", "--now", "2026-03-09T12:00"],
        capture_output=True, text=True, env=os.environ | {"NTE_HOME": str(settings.home)}, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert samples(done.stdout)["nte_covered_lag_hours", "police"] == 30


@pytest.mark.parametrize(
    ("address", "name", "value"),
    [
        ("statsd://metrics.example:8125", "AIRFLOW__METRICS__STATSD_HOST", "metrics.example"),
        ("otlp://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
    ],
)
def test_one_setting_sends_airflows_own_metrics(address: str, name: str, value: str) -> None:
    assert airflow_environment(Settings(metrics=address), "Europe/London")[name] == value
    assert name not in airflow_environment(Settings(metrics=""), "Europe/London")


@pytest.mark.parametrize(
    "address", ["metrics.example:8125", "statsd://here", "http://here:1", "statsd://h:port"]
)
def test_an_address_of_another_shape_is_refused_with_the_right_one(address: str) -> None:
    with pytest.raises(MisuseError, match="Write statsd://HOST:8125 or otlp://HOST:4318"):
        metrics_environment(address)


def test_the_documented_alerts_speak_of_metrics_that_exist(settings: Settings) -> None:
    text = (ROOT / "docs" / "metrics.md").read_text()
    rules = yaml.safe_load(text.split("```yaml")[1].split("```")[0])["groups"][0]["rules"]
    names = {name for name, *_ in samples(write_metrics(settings, AREA, NOW).read_text())}
    assert len(rules) == 3
    for rule in rules:
        assert any(name in rule["expr"] for name in names), rule["alert"]
        assert rule["annotations"]["summary"]
    assert {name for name in names if not name.endswith("_created")} <= set(text.replace("`", " ").split())
