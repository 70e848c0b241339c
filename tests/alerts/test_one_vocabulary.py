"""Over all messages of one weekend a count is called one thing: what is said of it is true of its probability."""

import re
from datetime import date, timedelta

import polars as pl
import pytest

from alerts.deciding.decisions import Said
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from alerts.nights.message import Writer
from alerts.weekends.digest import write_digest
from alerts.weekends.outlook import beside_usual, write_outlook
from alerts.weekends.weekend import Weekend
from alerts.words.message import Message
from alerts.words.other_nights import OtherNights
from forecasts.issuing.limits import visible_band
from forecasts.settings import BandSettings
from nte import negative_binomial as nb
from nte.english import BAND_TAIL, HOW_UNUSUAL, MOST_TIMES, NOTED, TIMES, WEEKS_A_YEAR, say_times
from nte.words import Audience, Detector, Reason, Verdict
from tests.alerts.scenes import AREA, SATURDAY, morning

MEANS, SIZE, LEVEL = (0.4, 1.0, 2.5, 5.0, 8.0, 19.0), 6.0, 0.0008
MOST = 60
NIGHTS_A_YEAR = WEEKS_A_YEAR * 3
GREEN = "🟢"
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


def reply(n: int, mean: float, before: int) -> str:
    writer = Writer(AREA, Audience.POLICE)
    was, now = facts(before, mean, 0.7, 0.9), facts(n, mean, 0.8, 0.9)
    reason = Reason.ROSE if n > before else Reason.FELL
    return text_of(writer.reply(now, reason, Said(was, Reason.FIRST), morning(date(2026, 4, 1))))


def together(n: int, mean: float) -> str:
    """Return the message about a weekend of three such nights."""
    nights = [
        facts(n, mean).nights[0].model_copy(update={"evening": SATURDAY + timedelta(days=d)})
        for d in (-1, 0, 1)
    ]
    whole = facts(n, mean).model_copy(
        update={"detector": Detector.WEEKEND, "nights": tuple(nights), "level": Verdict.ABOVE,
                "first_evening": nights[0].evening, "last_evening": nights[2].evening}
    )  # fmt: skip
    return text_of(Writer(AREA, Audience.POLICE).head(whole, Reason.FIRST, morning(date(2026, 4, 1))))


def digest(n: int, mean: float, chance: float = 0.0, least: int = 0, share: float = 1.0) -> str:
    view = facts(n, mean, share, chance).nights[0].sources[0]
    row = view.model_dump() | {"evening": SATURDAY, "centre_code": "derby", "verdict": str(view.verdict)}
    level = {
        "evening": SATURDAY,
        "centre_code": "derby",
        "source": "police",
        "alert_level": LEVEL if least else 0.0,
    }
    band = level | {"detectable_ratio": None, "alert_limit": limit_of(mean), "expected": mean}
    message = write_digest(
        AREA, Weekend((SATURDAY,)), pl.DataFrame([row]),
        pl.DataFrame([band]).with_columns(pl.col("detectable_ratio").cast(pl.Float64)), ["derby"], place="Derby",
        nights=OtherNights(), now=morning(date(2026, 4, 1)), still_open=(), known_share=lambda *_: 1.0,
        audience=Audience.POLICE,
    )  # fmt: skip
    return text_of(message)


def times_in(text: str) -> set[str]:
    return set(re.findall(r"(?:about|more than) [a-z0-9 ]+? the usual", text))


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


@pytest.mark.parametrize("mean", MEANS)
def test_digest_replies_and_weekend_call_a_count_what_its_head_calls_it(mean: float) -> None:
    limit = limit_of(mean)
    for n in range(0, MOST, 3):
        head, after, whole = alert(n, mean), digest(n, mean), together(n, mean)
        changed = [reply(n, mean, n - 2), reply(n, mean, n + 2)] if n > limit + 2 else []
        assert not any(GONE.search(text) for text in (after, whole, *changed))
        is_alert = n > limit
        assert ("1 night above what was expected" in after) is is_alert
        assert ("a quiet weekend" in after) is not is_alert
        assert {*re.findall(r"alert above (\d+)", head + after + whole)} <= {str(limit)}
        if is_alert:
            assert times_in(head) == times_in(after) == {say_times(n, mean)} - {""}
        assert times_in(whole) == {say_times(3 * n, 3 * mean)} - {""}
        assert GREEN not in whole


def test_a_night_that_may_become_an_alert_is_said_with_its_chance_and_the_same_limit() -> None:
    filling, limit = "5 in 10 to end above its limit", limit_of(5.0)
    assert f"{filling} (alert above {limit})" in digest(10, 5.0, chance=0.5, share=0.6)
    assert f"alert above {limit}; filling high: {filling}." in text_of(
        Writer(AREA, Audience.POLICE).head(facts(10, 5.0, 0.6, 0.5), Reason.FIRST, morning(SATURDAY))
    )
    assert "to end above" not in digest(10, 5.0, chance=0.2, share=0.6)
    assert "to end above" not in digest(limit, 5.0, chance=0.5), "no record of a complete night is missing"


def test_what_is_noted_is_as_unusual_as_it_says() -> None:
    few = AREA.alerts.least_count["police"] - 1
    text = digest(few, 0.05, least=1)
    assert f"{NOTED[:1].upper()}{NOTED[1:]}" in text
    least, most = years_of(text)
    assert least <= 1 / tail(few, 0.05) / NIGHTS_A_YEAR <= most


@pytest.mark.parametrize("expected", [0.76, 1.0, 2.0, 4.8, 19.0])
def test_how_many_times_the_usual_is_true_of_the_count(expected: float) -> None:
    words = {"about twice": 2.0, "about one and a half times": 1.5}
    for n in range(MOST):
        said, times = say_times(n, expected), n / expected
        if not said:
            assert times < TIMES[-1][0]
        elif said.startswith("more than"):
            assert times > MOST_TIMES
        else:
            phrase = said.removesuffix(" the usual")
            named = words.get(phrase) or float(re.sub(r"\D", "", phrase))
            assert abs(times - named) <= 0.5
            assert said != "about 2 times the usual", "that is called twice"
    assert say_times(9, 0.5) == "", "of fewer than 1 there is no multiple"
