"""What ops are to hear now, read from an open warehouse: feeds, bands, and the day's line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alerts.deciding.mornings import LOOK_BACK
from alerts.ops.feeds import feed_intents, feed_states, rows_intents
from alerts.ops.few import few_intents
from alerts.ops.heartbeat import heartbeat_intents, say_on
from alerts.ops.model_health import model_intents
from alerts.outbox.intents import Intent
from alerts.words.answers import say_answered
from alerts.words.pauses import say_pause, say_silences
from nte.area import Area
from nte.due import read_deliveries
from nte.few_nights import read_nights_of_area
from nte.tables.alerts import ACKNOWLEDGEMENTS, ALERTS, OUTBOX, SILENCES
from nte.tables.bands import BAND_SCORES, LEVEL_SHIFTS
from nte.tables.deliveries import DELIVERIES
from nte.tables.scores import ALERT_SCORES

if TYPE_CHECKING:
    from nte.warehouse import Warehouse


def due_announcements(warehouse: Warehouse, area: Area, now: datetime, base_url: str) -> list[Intent]:
    """Return what ops have not been told yet: late and refused deliveries, shifts, bands, alerts, the day's line."""
    deliveries, outbox = warehouse.read(DELIVERIES), warehouse.read(OUTBOX)
    come = read_deliveries(warehouse.query, area, now)
    states = feed_states(area, come, now)
    health = (warehouse.read(t, "as_of <= ?", [now]) for t in (LEVEL_SHIFTS, BAND_SCORES, ALERT_SCORES))
    since = area.clock.local_date(now) - timedelta(days=area.slack.most_days_late)
    nights = read_nights_of_area(warehouse.query, area, since, now)
    silences = warehouse.read(SILENCES)
    stopped = say_on(say_pause(silences, area, now), say_silences(silences, area, now))
    answered = say_answered(warehouse.read(ACKNOWLEDGEMENTS), warehouse.read(ALERTS), area, now - LOOK_BACK)
    stopped = " ".join([stopped, *(f"{text}." for text in answered)])
    return [
        *feed_intents(area, states, come, outbox=outbox, now=now, base_url=base_url),
        *rows_intents(area, come, outbox=outbox, now=now, base_url=base_url),
        *few_intents(area, nights, outbox=outbox, base_url=base_url),
        *model_intents(area, *health, outbox=outbox, base_url=base_url),
        *heartbeat_intents(area, deliveries, states, come=come, outbox=outbox, stopped=stopped, now=now),
    ]
