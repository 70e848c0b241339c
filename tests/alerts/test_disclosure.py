"""Small counts become words, and nothing beside them gives them away."""

import pytest

from alerts.deciding.decisions import Said
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from alerts.nights.message import Writer
from nte.disclosure import audience_of, policy_of
from nte.words import Audience, Detector, Reason, Verdict
from tests.alerts.scenes import AREA, SATURDAY, morning

POLICY = policy_of(AREA)


def facts(police: int, ae: int, *, police_verdict: Verdict = Verdict.ABOVE) -> AlertFacts:
    """Return a night on which police and A&E are above."""
    views = [("police", police, police_verdict), ("ae", ae, Verdict.ABOVE)]
    sources = tuple(
        SourceFacts(
            source=s,
            verdict=v,
            n_incidents=n,
            expected=2.0,
            expected_so_far=1.0,
            alert_limit=n - 1,
            limit_so_far=max(0, n - 1),
            known_share=0.6,
            p_value=0.003 / n,
        )
        for s, n, v in views
    )
    night = NightFacts(evening=SATURDAY, centre_code="derby", sources=sources)
    return AlertFacts(
        detector=Detector.NIGHT,
        definition="nte-violence",
        centre_code="derby",
        first_evening=SATURDAY,
        last_evening=SATURDAY,
        level=night.level,
        nights=(night,),
        is_settled=False,
        is_complete=False,
    )


@pytest.mark.parametrize(
    ("source", "n", "audience", "said"),
    [
        ("police", 4, Audience.POLICE, "4"),
        ("police", 0, Audience.POLICE, "0"),
        ("police", 4, Audience.LICENSING, "fewer than 5"),
        ("police", 5, Audience.LICENSING, "5"),
        ("ae", 7, Audience.POLICE, "fewer than 8"),
        ("ae", 0, Audience.POLICE, "fewer than 8"),
        ("emas", 7, Audience.LICENSING, "fewer than 8"),
        ("emas", 8, Audience.LICENSING, "8"),
    ],
)
def test_a_small_count_becomes_words(source: str, n: int, audience: Audience, said: str) -> None:
    assert POLICY.say_count(source, n, audience) == said


@pytest.mark.parametrize(("before", "now"), [(7, 9), (9, 7), (3, 4)])
def test_a_change_is_said_only_when_both_ends_may_be(before: int, now: int) -> None:
    assert POLICY.say_change("ae", before, now, Audience.POLICE) is None
    assert POLICY.say_change("ae", 9, 12, Audience.POLICE) == "9 → 12"


def test_an_unknown_channel_is_read_by_the_strictest_audience() -> None:
    assert audience_of(AREA, "#somewhere-else") is Audience.LICENSING


def messages(police: int, ae: int, audience: Audience) -> tuple[object, object]:
    """Return the head, and the reply after both were 3 higher."""
    now, before = facts(police, ae), facts(12, 12)
    writer = Writer(AREA, audience)
    head = writer.head(now, Reason.FIRST, morning(SATURDAY))
    return head, writer.reply(now, Reason.FELL, Said(before, Reason.FIRST), morning(SATURDAY))


@pytest.mark.parametrize("audience", [Audience.POLICE, Audience.LICENSING])
def test_nobody_can_tell_one_hidden_health_count_from_another(audience: Audience) -> None:
    """Limit and rarity differ with each count here: beside 'fewer than 8', they would tell it."""
    first = messages(10, 1, audience)
    assert all(messages(10, hidden, audience) == first for hidden in range(1, 8))
    assert messages(10, 8, audience) != first


def test_nobody_in_a_licensing_channel_can_tell_one_hidden_police_count_from_another() -> None:
    first = messages(1, 9, Audience.LICENSING)
    assert all(messages(hidden, 9, Audience.LICENSING) == first for hidden in range(1, 5))
    assert messages(5, 9, Audience.LICENSING) != first
    assert messages(2, 9, Audience.POLICE) != messages(1, 9, Audience.POLICE)


def test_of_two_messages_about_one_night_neither_tells_the_others_hidden_count() -> None:
    """9 then 7: the second says 'fewer than 8', and the reply does not say by how many it fell."""
    writer = Writer(AREA, Audience.POLICE)
    reply = writer.change(facts(9, 7), Reason.FELL, Said(facts(9, 9), Reason.FIRST))
    assert reply == "A&E: records were withdrawn or moved; now fewer than 8 so far."


def test_a_weekend_shows_nights_and_no_sum() -> None:
    nights = tuple(
        NightFacts(
            evening=SATURDAY.replace(day=day),
            centre_code="derby",
            sources=(SourceFacts(source="ae", verdict=Verdict.WITHIN, n_incidents=n, known_share=1.0),),
        )
        for day, n in ((27, 9), (28, 3), (29, 12))
    )
    weekend = AlertFacts(
        detector=Detector.WEEKEND,
        definition="nte-violence",
        centre_code="derby",
        first_evening=nights[0].evening,
        last_evening=nights[2].evening,
        level=Verdict.ABOVE,
        nights=nights,
        is_settled=True,
        is_complete=True,
    )
    text = str(Writer(AREA, Audience.POLICE).head(weekend, Reason.FIRST, morning(SATURDAY)))
    assert "A&E 9" in text
    assert "A&E fewer than 8" in text
    assert "24" not in text
