"""Lines of the digest about nights that are no alerts: filling high, and rare but few."""

from datetime import date, timedelta

import polars as pl
import pytest

from alerts.outbox.rows import what_they_need
from alerts.weekends.young import say_filling_high, say_noted
from nte.progress import Look
from nte.settings import Settings
from nte.warehouse import open_warehouse
from nte.words import Audience
from tests.alerts.scenes import AREA, SATURDAY, View, judged, morning, put_judgements
from tests.alerts.test_bulletins import put_bands

LEVEL = 0.001
SUNDAY = SATURDAY + timedelta(days=1)


def rows(source: str, n: int, chance: float, p_value: float = 0.2, verdict: str = "within") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "evening": [SATURDAY], "centre_code": ["derby"], "source": [source], "n_incidents": [n],
            "verdict": [verdict], "stands_chance": [chance], "p_value": [p_value], "alert_limit": [21],
            "known_share": [0.6],
        }
    )  # fmt: skip


def bands(evening: date = SATURDAY) -> pl.DataFrame:
    levels = [(evening, "derby", source, LEVEL) for source in AREA.sources]
    return pl.DataFrame(levels, schema=["evening", "centre_code", "source", "alert_level"], orient="row")


@pytest.mark.parametrize(
    ("chance", "verdict", "is_said"),
    [(0.29, "within", False), (0.3, "within", True), (0.74, "within", True), (0.8, "above", False)],
)
def test_a_night_that_may_well_end_above_its_limit_is_filling_high(
    chance: float, verdict: str, is_said: bool
) -> None:
    said = say_filling_high(AREA, rows("police", 14, chance, verdict=verdict), Audience.POLICE)
    assert bool(said) is is_said
    if is_said:
        assert "Saturday 28 March: Police 14 so far, " in said
        assert said.endswith(" in 10 to end above its limit (alert above 21)")


@pytest.mark.parametrize(("source", "audience"), [("ae", Audience.POLICE), ("police", Audience.LICENSING)])
def test_neither_count_nor_chance_is_said_to_whom_the_count_may_not_be(
    source: str, audience: Audience
) -> None:
    assert not say_filling_high(AREA, rows(source, 4, 0.5), audience)
    assert not say_noted(AREA, rows(source, 2, 0.0, p_value=1e-6), bands(), audience)


@pytest.mark.parametrize(
    ("n", "p_value", "is_said"),
    [(2, 1e-5, True), (2, 0.01, False), (AREA.alerts.least_count["police"], 1e-5, False)],
)
def test_a_rare_night_under_its_least_count_is_noted(n: int, p_value: float, is_said: bool) -> None:
    said = say_noted(AREA, rows("police", n, 0.0, p_value), bands(), Audience.POLICE)
    assert bool(said) is is_said


def test_what_is_noted_goes_with_the_count_into_an_alert(settings: Settings) -> None:
    put_judgements(
        settings, judged(SUNDAY, View("police", 2, "within", p=1e-5), View("ae", 2, "within", p=0.01))
    )
    put_bands(settings)
    with open_warehouse(settings) as warehouse:
        look = Look(morning(SUNDAY), morning(SUNDAY), "")
        judgements, _ = what_they_need(warehouse, AREA, [look], morning(SUNDAY))
    assert dict(judgements.select("source", "is_noted").iter_rows()) == {"police": True, "ae": None}
