"""Over all messages of one weekend a count is called one thing: what is said of it is true of its probability."""

import re
from datetime import date

import polars as pl
import pytest

from alerts.deciding.decisions import Said
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from alerts.nights.message import Writer
from alerts.weekends.outlook import beside_usual, write_outlook
from alerts.weekends.weekend import Weekend
from alerts.words.message import Message
from forecasts.issuing.limits import visible_band
from forecasts.settings import BandSettings
from nte import negative_binomial as nb
from nte.english import BAND_TAIL, HOW_UNUSUAL, WEEKS_A_YEAR
from nte.words import Audience, Detector, Reason, Verdict
from tests.alerts.scenes import AREA, SATURDAY, morning

MEANS, SIZE, LEVEL = (0.4, 1.0, 2.5, 5.0, 8.0, 19.0), 6.0, 0.0008
MOST = 60
NIGHTS_A_YEAR = WEEKS_A_YEAR * 3
GONE = re.compile(r"\b(rare|not rare|is usual|by now)\b")
"""Words that said one weekend in two ways."""


def tail(n: int, mean: float) -> float:
    return float(nb.tail_probability(n, mean, SIZE))


def limit_of(mean: float) -> int:
    return max(4, int(nb.limit(LEVEL, mean, SIZE)))


def facts(n: int, mean: float, share: float = 1.0, chance: float = 0.0) -> AlertFacts:
    """Return a night of Derby with one police count, judged by its limit."""
    is_above = n > limit_of(mean) or chance > 0.75
    view = SourceFacts(
        source="police",
        verdict=Verdict.ABOVE if is_above else Verdict.WITHIN,
        n_incidents=n,
        expected=mean,
        expected_so_far=mean * share,
        alert_limit=limit_of(mean),
        known_share=share,
        p_value=tail(n, mean),
        stands_chance=1.0 if n > limit_of(mean) else chance,
    )
    night = NightFacts(evening=SATURDAY, centre_code="derby", sources=(view,))
    span = (SATURDAY, SATURDAY)
    return AlertFacts(
        detector=Detector.NIGHT, definition="nte-violence", centre_code="derby", first_evening=span[0],
        last_evening=span[1], level=view.verdict, nights=(night,), is_settled=share > 0.9, is_complete=share == 1.0,
        stands_chance=view.stands_chance,
    )  # fmt: skip


def text_of(message: Message) -> str:
    return message.model_dump_json()


def outlook(mean: float) -> str:
    lower, upper = visible_band(pl.Series([mean]).to_numpy(), pl.Series([SIZE]).to_numpy(), BandSettings())
    row = {"evening": SATURDAY, "centre_code": "derby", "source": "police", "expected": mean,
           "lower": int(lower[0]), "upper": int(upper[0]), "alert_limit": limit_of(mean)}  # fmt: skip
    weekend = Weekend((SATURDAY,))
    rows = beside_usual(pl.DataFrame([row]), weekend)
    return text_of(write_outlook(AREA, weekend, rows, {}, ["derby"], audience=Audience.POLICE))


def alert(n: int, mean: float, reason: Reason = Reason.FIRST) -> str:
    return text_of(Writer(AREA, Audience.POLICE).head(facts(n, mean), reason, morning(date(2026, 4, 1))))


def years_of(text: str) -> tuple[float, float]:
    """Return between which spans, in years, what is said to come once in a time comes."""
    found = re.search(r"(about|rarer than) one such night in (\d+) (weeks|months|years)", text)
    assert found, text
    how, n, unit = found[1], int(found[2]), {"weeks": WEEKS_A_YEAR, "months": 12, "years": 1}[found[3]]
    if how == "rarer than":
        return float(n), float("inf")
    return 0.0 if (n, unit) == (2, WEEKS_A_YEAR) else (n - 0.5) / unit, (n + 0.5) / unit


@pytest.mark.parametrize("mean", MEANS)
def test_what_is_said_of_a_count_is_true_of_its_probability_in_every_message(mean: float) -> None:
    ahead = outlook(mean)
    upper = int(re.search(r"seldom over (\d+)", ahead)[1]) if "seldom" in ahead and mean >= 0.75 else None  # type: ignore[index]
    for n in range(MOST):
        text, p = alert(n, mean), tail(n, mean)
        assert not GONE.search(text + ahead)
        assert f"alert above {limit_of(mean)}" in text
        is_alert = n > limit_of(mean)
        assert ("How unusual" in text) is is_alert
        is_above_band = "above the band, no alert" in text
        is_high = "high, but not unusual enough" in text
        assert is_above_band == (p <= BAND_TAIL and not is_alert)
        assert is_high == (BAND_TAIL < p <= HOW_UNUSUAL[0][0] and not is_alert)
        if upper is not None and not is_alert:
            assert is_above_band == (n > upper), (
                "what is seldom ahead of the night is above the band after it"
            )
            assert f"alert above {limit_of(mean)}" in ahead
        if is_alert or is_high or is_above_band:
            least, most = years_of(text)
            assert least <= 1 / p / NIGHTS_A_YEAR <= most


def test_the_table_of_phrases_is_in_order_and_its_band_is_the_one_that_is_issued() -> None:
    levels = [least for least, _ in HOW_UNUSUAL]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == 0.0
    assert pytest.approx(1 - BandSettings().upper_level) == BAND_TAIL
    assert len({phrase for _, phrase in HOW_UNUSUAL}) == len(HOW_UNUSUAL)


def test_a_withdrawn_alert_is_not_called_usual_where_its_count_is_high() -> None:
    writer = Writer(AREA, Audience.POLICE)
    before, now = facts(12, 5.0, 0.7, 0.8), facts(12, 5.0)
    said = Said(before, Reason.FIRST)
    assert not now.level.is_exceedance
    reply = text_of(writer.reply(now, Reason.WITHDRAWN, said, morning(date(2026, 4, 10))))
    head = text_of(writer.head(now, Reason.WITHDRAWN, morning(date(2026, 4, 10))))
    assert not GONE.search(reply + head)
    assert (
        re.search(r"not unusual enough for an alert \(about one such night in \d", head)
        or "above the band" in head
    )


def test_a_young_count_is_said_on_one_basis() -> None:
    writer = Writer(AREA, Audience.POLICE)
    young = text_of(writer.head(facts(10, 5.0, 0.58, 0.8), Reason.FIRST, morning(date(2026, 3, 29))))
    limit = f"alert above {limit_of(5.0)}"
    said = f"10 so far; a usual Saturday ends at about 5, {limit}; about 58\u00a0% is in, so more will come."
    assert said in young
    assert "Usually known by now" not in young
    assert "so far" not in alert(4, 5.0)
