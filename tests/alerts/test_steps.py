"""The steps over a real warehouse in a temporary folder."""

from datetime import date, timedelta
from pathlib import Path

from alerts import steps
from nte.tables import DECISIONS, OUTBOX
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, View, judged, morning, put_judgements, settings_in

SUNDAY, MONDAY = date(2026, 3, 29), date(2026, 3, 30)


def test_one_run(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    put_judgements(settings, [
        *judged(SUNDAY, View("police", 14, "far_above"), View("emas", 6, "within", 0.9, 0.3),
                View("ae", None, "unknown", why="not_covered")),
        *judged(MONDAY, View("police", 16, "far_above", 0.7), View("emas", 6, "within", 0.97, 0.3),
                View("ae", 9, "above", 0.92, 0.004)),
    ])
    now = morning(MONDAY) + timedelta(hours=3)
    print(steps.decide_alerts(settings, AREA, now))
    print(steps.write_messages(settings, AREA, now))
    print(steps.post_pending(settings, AREA, now, None))
    print(steps.render_messages(settings, AREA, now))
    with open_warehouse(settings.warehouse_file) as w:
        print(w.read(DECISIONS).select("decision_id","reason","is_said"))
        for r in w.read(OUTBOX).iter_rows(named=True):
            print(r["message_id"], r["status"], r["payload"])
