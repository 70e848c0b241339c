"""What ops are to hear now, read from an open warehouse: feeds, bands, and the day's line."""

from datetime import datetime

from alerts.ops.feeds import covered_nights, feed_intents, late_feeds, refused_deliveries
from alerts.ops.heartbeat import heartbeat_intents
from alerts.ops.model_health import model_intents
from alerts.outbox.intents import Intent
from alerts.words.pauses import say_pause
from nte.area import Area
from nte.tables.alerts import OUTBOX, SILENCES
from nte.tables.bands import BAND_SCORES, LEVEL_SHIFTS
from nte.tables.counts import NIGHT_COUNTS
from nte.tables.deliveries import DELIVERIES, VERDICTS
from nte.warehouse import Warehouse


def due_announcements(warehouse: Warehouse, area: Area, now: datetime, base_url: str) -> list[Intent]:
    """Return what ops have not been told yet: late and refused deliveries, shifts, bands, the day's line."""
    counts = warehouse.read(NIGHT_COUNTS, "definition = ? AND is_covered", [area.alert_definition])
    deliveries, outbox = warehouse.read(DELIVERIES), warehouse.read(OUTBOX)
    covered = covered_nights(counts)
    refused = refused_deliveries(deliveries, warehouse.read(VERDICTS, "decided_at <= ?", [now]), area)
    late = late_feeds(area, covered, now)
    shifts, scores = (warehouse.read(table, "as_of <= ?", [now]) for table in (LEVEL_SHIFTS, BAND_SCORES))
    pause = say_pause(warehouse.read(SILENCES), area, now)
    return [
        *feed_intents(area, late, refused, covered=covered, outbox=outbox, now=now, base_url=base_url),
        *model_intents(area, shifts, scores, outbox=outbox, base_url=base_url),
        *heartbeat_intents(area, deliveries, late, outbox=outbox, pause=pause, now=now),
    ]
