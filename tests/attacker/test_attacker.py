"""Nothing that one audience was told over a season narrows a count that it may not know; where something does, he finds it.

The long campaign is `python -m tests.attacker`, part of `make faults`.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from alerts.words.message import Message
from nte.disclosure import policy_of
from nte.words import Audience
from tests.alerts.scenes import AREA, SATURDAY, morning
from tests.attacker.attack import LEAST_COUNT, Attack, attack
from tests.attacker.context import UnreadError
from tests.attacker.pages import reader_of
from tests.attacker.reading import Reader
from tests.attacker.scenes import Key, Scene, odd_weekend, season
from tests.attacker.solving import possible, worked_out
from tests.attacker.telling import CHANNELS, Told

NIGHT = "Derby city centre, Saturday 28 March: more violence than expected."
WEEKEND = "Derby city centre, the weekend of 27 to 29 March: more violence than expected over the weekend as a whole."
A_NIGHT, A_WEEKEND = "derby/2026-03-28/nte-violence", "derby/2026-03-27..2026-03-29/nte-violence"
DONE = "The counts are complete."
FRIDAY = SATURDAY - timedelta(days=1)


def nothing_won(scene: Scene) -> list[Attack]:
    """Hold that he has read truly what he was told, and has won nothing; return how it went."""
    fought = attack(scene)
    for found in fought:
        assert not found.won, [f"{found.channel}: {won}" for won in found.won]
        assert not found.misread, found.misread
    return fought


@pytest.mark.parametrize("seed", [1, 2])
def test_a_season_narrows_no_hidden_count(seed: int) -> None:
    fought = nothing_won(season(seed, 4))
    assert fought[0].known.sums, "he was told sums of several counts"


@pytest.mark.parametrize("seeds", [range(1, 6), (*range(6, 11), 27)])
def test_weekends_of_every_odd_kind_narrow_no_hidden_count(seeds: Sequence[int]) -> None:
    """The last is one of which a district reads a part of many town centres, from which a count is gone."""
    for seed in seeds:
        nothing_won(odd_weekend(seed))


def test_he_has_enough_to_read() -> None:
    """Hidden counts, some of them told as alerts, counts that were said, limits and moves."""
    found = {one.channel: one.known for one in attack(odd_weekend(2))}
    for channel in ("#nte-police", "#nte-derby", "#nte-amber-valley"):
        known = found[channel]
        assert len(known.under) > 20
        assert len(known.exact) > 20
        assert known.above & known.under.keys()
        assert known.limits
        assert known.unnamed
        assert known.moves
        places = {c.centre_code for c in reader_of(channel, CHANNELS[channel]).centres(AREA)}
        assert {cell.key[0] for cell in (*known.exact, *known.under)} <= places, (
            "a district reads its own counts"
        )


def told(
    *lines: str,
    audience: Audience = Audience.POLICE,
    alert_id: str = A_NIGHT,
    purpose: str = "alert",
    drawn: tuple[tuple[Key, dict[str, object]], ...] = (),
) -> list[str]:
    """Return what he wins from messages, one a morning, each the lines between two '---'."""
    reader = Reader(AREA, {s: policy_of(AREA).least_shown(s, audience) for s in AREA.sources})
    for n, text in enumerate("\n".join(lines).split("\n---\n")):
        spoken, *rest = text.split("\n")
        message = Message.of(spoken, lead="\n".join(rest))
        reader.read(
            Told(
                "#nte-police",
                morning(SATURDAY + timedelta(days=n + 1)),
                purpose,
                "head",
                message,
                drawn,
                alert_id,
            )
        )
    return [str(won) for won in worked_out(reader.known, possible(reader.known, LEAST_COUNT), LEAST_COUNT)]  # fmt: skip


@pytest.mark.parametrize(
    "beside",
    [
        "; as a rule it is above the band, no alert",
        "; a usual Saturday has about 2, alert above 5",
        ", about 3 times the usual",
        "; about one such night in 6 years",
        "; far more than expected",
    ],
)  # fmt: skip
def test_he_wins_by_what_stands_beside_a_hidden_count(beside: str) -> None:
    assert not told(NIGHT, "Ambulance fewer than 8.")
    assert any("beside it stands" in won for won in told(NIGHT, f"Ambulance fewer than 8{beside}."))


@pytest.mark.parametrize(
    "line",
    [
        "🟢 Ambulance fewer than 8",
        "🔴 Ambulance fewer than 8",
        "Only one source sees it: Police. Ambulance: as expected. Ambulance fewer than 8",
        "Only one source sees it: Ambulance. The alert will very likely stand (8 in 10). Ambulance fewer than 8",
        "Noted, as unusual as an alert but too few for one: Derby city centre, Saturday 28 March: Ambulance fewer than 8.",
    ],
)  # fmt: skip
def test_he_wins_by_verdict_sign_chance_and_note(line: str) -> None:
    assert any("beside it stands" in won for won in told(NIGHT, line))


def test_he_may_know_of_an_alert_beside_a_hidden_count_where_three_values_are_left() -> None:
    line = "Only one source sees it: {0}. {0} fewer than {1}; more than expected"
    assert not told(NIGHT, line.format("A&E", 8), DONE)
    [won] = told(NIGHT, line.format("Police", 5), audience=Audience.LICENSING)
    assert won.endswith("is 1 to 4, of 0 to 4")


def test_he_wins_by_a_limit_that_was_named_another_morning() -> None:
    """A 9 above a limit of 5; on the next morning fewer than 8 and still above: a 6 or a 7."""
    before = [
        NIGHT,
        "Only one source sees it: A&E. A&E 9; a usual Saturday has about 2, alert above 5.",
        DONE,
        "---",
    ]
    still = [NIGHT, "Only one source sees it: A&E. A&E fewer than 8; more than expected.", DONE]
    gone = ["Derby city centre, Saturday 28 March: the alert is withdrawn.", "A&E fewer than 8."]
    assert [won.rpartition(": ")[2] for won in told(*before, *still)] == ["is 6 to 7, of 0 to 7"]
    assert [won.rpartition(": ")[2] for won in told(*before, *gone)] == ["is 0 to 5, of 0 to 7"]
    assert not told(*[line.replace("above 5", "above 8") for line in before], *gone)


def test_which_way_a_hidden_count_went_is_news_only_while_it_is_hidden() -> None:
    """An 8 is more than any count under 8: that late records came in says nothing more of the count before."""
    before = [NIGHT, "Only one source sees it: A&E. A&E fewer than 8; more than expected.", "---"]
    over = "Derby city centre, Saturday 28 March: the alert is withdrawn."
    why = "A&E: late records came in; {}. Fewer have come than were likely to."
    assert not told(*before, over, why.format("now 8"))
    assert any("which way it moved" in won for won in told(*before, over, why.format("still fewer than 8")))


def test_he_wins_by_moves_among_hidden_counts() -> None:
    """Three mornings fewer than 8, and more on each: the first is 5 at most, the last 2 at least."""
    first = [NIGHT, "A&E fewer than 8 so far."]
    more = ["---", NIGHT, "A&E: late records came in; still fewer than 8."]
    assert {won.rpartition(": ")[2] for won in told(*first, *more, *more)} == {
        "is 0 to 5, of 0 to 7", "is 1 to 6, of 0 to 7", "is 2 to 7, of 0 to 7",
    }  # fmt: skip


def test_he_wins_by_a_sum_of_hidden_counts_and_by_a_least_sum() -> None:
    nights = ["Friday 27 March: Police fewer than 5", "Saturday 28 March: Police fewer than 5"]
    district = {"audience": Audience.LICENSING, "alert_id": A_WEEKEND}
    assert not told(WEEKEND, *nights, **district)  # type: ignore[arg-type]
    assert len(told(WEEKEND, *nights, "Police 7 over 2 nights", **district)) == 2  # type: ignore[arg-type]
    assert len(told(WEEKEND, *nights, DONE, **district)) == 2, "6 together are 2 each at least"  # type: ignore[arg-type]


def test_he_wins_by_the_sum_of_the_nights_after_an_alert() -> None:
    said = ["Two weeks on. The 2 nights since: Police 3 (usually about 6)."]
    assert [won.rpartition(": ")[2] for won in told(*said, audience=Audience.LICENSING, purpose="review")] == [
        "is 0 to 3, of 0 to 4", "is 0 to 3, of 0 to 4",
    ]  # fmt: skip


def test_he_wins_by_a_picture_that_draws_a_small_count() -> None:
    value: dict[str, object] = {"count": 3.0, "limit": None, "is_unknown": False}
    assert [won.rpartition(": ")[2] for won in told(NIGHT, drawn=((("derby", FRIDAY, "ae"), value),))] == [
        "3"
    ]
    hidden = value | {"count": None}
    assert not told(NIGHT, drawn=((("derby", FRIDAY, "ae"), hidden),))


def test_he_wins_by_a_small_sum_of_all_town_centres() -> None:
    said = "A&E: far fewer incidents than expected. The night of Saturday 28 March has {} in the whole area, where about 26 are usual on that day of the week when it is first known."
    ops = {"audience": Audience.OPS, "purpose": "feed", "alert_id": ""}
    assert told(said.format("3"), **ops)  # type: ignore[arg-type]
    assert not told(said.format("fewer than 8"), **ops)  # type: ignore[arg-type]
    assert not told(said.format("9"), **ops)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line", ["Police 14, of them 3 with knives", "About half as many as usual times two", "Rank 4 of 19"]
)
def test_a_sentence_that_nobody_has_taught_him_is_an_end(line: str) -> None:
    with pytest.raises(UnreadError):
        told(NIGHT, line)


def test_a_button_that_carries_a_number_is_an_end() -> None:
    reader = Reader(AREA, dict.fromkeys(AREA.sources, 8))
    message = Message.of(
        NIGHT,
        links=[{"name": "open_night", "title": "The night", "address": "https://nte.example/night?n=3"}],
    )
    with pytest.raises(UnreadError):
        reader.read(
            Told("#nte-police", morning(date(2026, 3, 29)), "alert", "head", message, alert_id=A_NIGHT)
        )
