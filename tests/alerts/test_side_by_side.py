"""What stands side by side in one message agrees: headline and lead, words of size and of rarity, source and source."""

from datetime import date, timedelta

import polars as pl
import pytest

from alerts.deciding.as_told import as_told
from alerts.deciding.decisions import Said
from alerts.nights.message import Writer
from alerts.weekends.digest import write_digest
from alerts.weekends.outlook import WHEN_ALERT
from alerts.weekends.weekend import Weekend
from alerts.words.doubted import without_doubted
from alerts.words.other_nights import OtherNights
from alerts.words.seen_rows import seen_rows
from nte.settings import CHECKOUT
from nte.tables.bands import BANDS
from nte.tables.judgements import JUDGEMENTS
from nte.words import Audience, Detector, Reason
from tests.alerts.scenes import AREA, SATURDAY, View, judged, morning
from tests.alerts.test_acted_on import ABOVE, FAR, MONDAY, WITHIN, alert, head, night, view

SUNDAY = SATURDAY + timedelta(days=1)
YOUNG = {"known_share": 0.6}
CENTRES = ("derby", "ilkeston", "buxton", "matlock")


def young(source: str, n: int, chance: float, verdict: object = WITHIN, **rest: object) -> object:
    return view(source, n, WITHIN).model_copy(
        update={"stands_chance": chance, "verdict": verdict, **YOUNG, **rest}
    )


def title(before: dict[str, int], now: dict[str, int], reason: Reason) -> str:
    """Return the title of the reply when counts that are all above have moved."""
    then, today = (
        alert(Detector.NIGHT, night(*(view(s, n, ABOVE) for s, n in counts.items())))
        for counts in (before, now)
    )
    return Writer(AREA, Audience.POLICE).changes.title(today, reason, Said(then, Reason.FIRST))


def test_a_count_that_fills_is_not_called_no_alert_for_good_in_the_head_of_another() -> None:
    said = head(alert(Detector.NIGHT, night(view("police", 14, ABOVE), young("ae", 8, 0.7))))  # type: ignore[arg-type]
    assert "A&E: filling high, no alert." in said
    assert (
        "A&E 8 so far; a usual Saturday ends at about 5, alert above 9; filling high: 7 in 10 to end above"
        in said
    )
    assert "not unusual enough" not in said


def test_nobody_is_told_that_a_source_sees_nothing_whose_count_they_may_not_know() -> None:
    facts = alert(
        Detector.NIGHT, night(view("police", 14, ABOVE), view("ae", 9, WITHIN), view("emas", 4, WITHIN))
    )
    said = head(facts)
    assert (
        "Police sees it so far, about 3 times the usual. A&E: as expected. Ambulance: fewer than may be said."
        in said
    )
    assert "Only one source" not in said


def test_many_town_centres_of_which_one_may_be_told_read_as_one() -> None:
    nights = [night(view("police", 4 if c != "derby" else 12, ABOVE, 0.0004), centre=c) for c in CENTRES]
    facts = alert(Detector.MANY_CENTRES, *nights)
    district, police = head(facts, Audience.LICENSING), head(facts)
    assert district.startswith(
        "Derby city centre: more violence than expected\nSaturday 28 March\nOf 19 town centres it is"
    )
    assert "the one that was above what was expected and may be told here." in district
    assert "several on one night" not in district
    assert police.startswith(
        "4 town centres above what was expected\nSaturday 28 March\n4 of 19 town centres were"
    )
    more = alert(Detector.MANY_CENTRES, *nights, night(view("police", 9, ABOVE), centre="glossop"))
    assert "At least 2 of 19 town centres were above" in head(more, Audience.LICENSING)


def test_many_town_centres_are_told_with_the_rarest_first() -> None:
    nights = [
        night(view("police", 12, ABOVE, p), centre=c) for c, p in (("buxton", 0.004), ("derby", 0.0001))
    ]
    said = head(alert(Detector.MANY_CENTRES, *nights))
    assert said.index("Derby city centre: Police") < said.index("Buxton: Police")


def test_what_has_become_doubtful_says_so_in_its_headline() -> None:
    def said(chance: float, audience: Audience = Audience.POLICE) -> str:
        views = young("police", 8, chance, ABOVE), young("ae", 4, 0.9, ABOVE)
        both = alert(Detector.NIGHT, night(*views[: 1 if audience is Audience.POLICE else 2]))  # type: ignore[arg-type]
        return head(both.model_copy(update={"stands_chance": chance}), audience)

    assert said(0.3).startswith("Derby city centre: more violence than expected, now doubtful\n")
    assert "The alert will probably not stand (3 in 10)." in said(0.3)
    assert "doubtful" not in said(0.6)
    assert "doubtful" not in said(0.3, Audience.LICENSING), "a hidden count may be behind it, and sure"


def test_counts_that_move_both_ways_are_both_said() -> None:
    before = {"police": 14, "emas": 12}
    mixed = "Now higher in Ambulance, lower in Police"
    assert title(before, {"police": 13, "emas": 14}, Reason.FELL) == f"{mixed}, still above what was expected"
    assert title(before, {"police": 13, "emas": 14}, Reason.ROSE) == mixed
    assert (
        title(before, {"police": 13, "emas": 14, "ae": 10}, Reason.ROSE)
        == "Now higher in Ambulance and A&E, lower in Police"
    )
    assert (
        title(before, {"police": 13, "emas": 12}, Reason.FELL) == "Now lower, still above what was expected"
    )
    assert title(before, {"police": 16, "emas": 12}, Reason.ROSE) == "Now higher"


def test_what_is_above_by_its_chance_alone_is_never_told_as_complete() -> None:
    full = {"known_share": 0.98}
    said = head(alert(Detector.NIGHT, night(young("ae", 9, 0.4, ABOVE, **full))))  # type: ignore[arg-type]
    assert (
        "A&E 9 so far; a usual Saturday ends at about 5, alert above 9; about 98\u00a0% is in, so more may come."
        in said
    )


def test_a_count_at_its_limit_of_which_no_record_is_missing_is_no_longer_above() -> None:
    before = alert(Detector.NIGHT, night(young("ae", 9, 0.9, ABOVE)))  # type: ignore[arg-type]
    now = alert(Detector.NIGHT, night(young("ae", 9, 0.0, known_share=1.0)), level=WITHIN)  # type: ignore[arg-type]
    assert not as_told(now, Said(before, Reason.FIRST), AREA.alerts.delta).level.is_exceedance


def test_what_is_far_above_no_more_is_not_told_as_rare_as_it_was() -> None:
    before = alert(Detector.NIGHT, night(young("police", 9, 0.9, FAR, p_value=0.0002)), level=FAR)  # type: ignore[arg-type]
    now = alert(Detector.NIGHT, night(young("police", 9, 0.4)), level=WITHIN)  # type: ignore[arg-type]
    held = as_told(now.model_copy(update={"is_settled": True}), Said(before, Reason.FIRST), AREA.alerts.delta)
    assert held.level is ABOVE
    assert "How unusual" not in head(held)


def digest(
    *rows: dict[str, object],
    audience: Audience = Audience.POLICE,
    codes: tuple[str, ...] = CENTRES,
    share: float = 1.0,
) -> str:
    """Return a digest as it is read out."""
    message = write_digest(
        AREA, Weekend((SATURDAY, SUNDAY)), seen_rows(AREA, pl.DataFrame(list(rows), JUDGEMENTS.schema), audience),
        BANDS.empty(), list(codes), place="Here", nights=OtherNights(), now=morning(date(2026, 4, 20)), still_open=(),
        known_share=lambda *_: share, audience=audience,
    )  # fmt: skip
    return message.spoken


def above(*places: tuple[str, date]) -> list[dict[str, object]]:
    return [
        row for c, e in places for row in judged(MONDAY, View("police", 14, "above"), centre=c, evening=e)
    ]


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([("derby", SATURDAY)], "1 night above what was expected."),
        ([("derby", SATURDAY), ("derby", SUNDAY)], "2 nights above what was expected."),
        ([(c, SATURDAY) for c in CENTRES], "4 town centres above what was expected on Saturday."),
        (
            [("derby", SATURDAY), ("buxton", SUNDAY)],
            "2 town centres above what was expected on one night or more.",
        ),
    ],
)
def test_a_digest_counts_town_centres_as_such(places: list[tuple[str, date]], said: str) -> None:
    assert digest(*above(*places)).startswith(f"Here, 28 to 29 March: {said}")


@pytest.mark.parametrize("verdict", ["within", "above"])
def test_a_weekend_with_a_count_that_may_not_be_said_is_not_called_quiet(verdict: str) -> None:
    hidden = judged(MONDAY, View("police", 4, verdict), View("ae", 9, "within", p=0.4))
    said = digest(*hidden, audience=Audience.LICENSING)
    assert said == digest(
        *judged(MONDAY, View("police", 0, "within"), View("ae", 9, "within", p=0.4)),
        audience=Audience.LICENSING,
    )
    assert said.startswith("Here, 28 to 29 March: nothing above in what may be said.")
    assert "quiet" not in said


def test_a_weekend_on_which_a_count_fills_high_is_not_called_quiet() -> None:
    filling = judged(MONDAY, View("police", 8, "within", chance=0.6))
    assert digest(*filling).startswith("Here, 28 to 29 March: nothing above.")
    assert digest(*judged(MONDAY, View("police", 8, "within", chance=0.1))).startswith(
        "Here, 28 to 29 March: a quiet"
    )


def test_what_is_not_known_has_its_reason_and_whom_to_ask() -> None:
    late = judged(
        MONDAY, View("emas", None, "unknown", why="late"), View("ae", None, "unknown", why="too_early")
    )
    said = digest(*late, *judged(MONDAY, View("emas", None, "unknown", why="late"), evening=SUNDAY))
    assert (
        "Ambulance: Saturday 28 March; Sunday 29 March (its delivery is late; ask information team, EMAS); "
        "A&E: Saturday 28 March (too little of the night can be known yet)."
    ) in said


def test_on_a_doubted_night_a_hidden_count_that_is_above_looks_like_any_other() -> None:
    """What is above stays known; of a hidden count that would tell that it is."""
    doubted = {("police", SATURDAY)}
    read = [
        without_doubted(
            seen_rows(AREA, pl.DataFrame(judged(MONDAY, view), JUDGEMENTS.schema), Audience.LICENSING),
            doubted,
        )
        for view in (View("police", 4, "above"), View("police", 0, "within"))
    ]
    assert read[0]["verdict"].to_list() == read[1]["verdict"].to_list() == ["unknown"]
    shown = pl.DataFrame(judged(MONDAY, View("police", 14, "above")), JUDGEMENTS.schema)
    assert without_doubted(seen_rows(AREA, shown, Audience.LICENSING), doubted)["verdict"][0] == "above"


def test_so_far_stands_beside_what_is_known_alone() -> None:
    """'Not known so far' would say that it is to be known soon."""
    known = judged(MONDAY, View("police", 8, "within"))
    unknown = judged(MONDAY, View("police", None, "unknown", why="late"), evening=SUNDAY)
    assert "Derby city centre: Police so far Sat 8, Sun not known (usually 5 each)" in digest(
        *known, *unknown, share=0.5
    )
    assert "Police Sat 8, Sun 8 so far" in digest(
        *known, *judged(MONDAY, View("police", 8, "within"), evening=SUNDAY), share=0.5
    ).replace(" on each night", "")


def test_a_count_has_one_name_in_the_lead_and_beside_it() -> None:
    few = view("emas", 9, WITHIN, 0.00001).model_copy(update={"is_noted": True})
    said = head(alert(Detector.NIGHT, night(view("police", 14, ABOVE), view("ae", 9, WITHIN, 0.005), few)))
    assert (
        "A&E: above the band, no alert. Ambulance: noted, as unusual as an alert but too few for one." in said
    )
    assert "alert above 9; above the band, no alert (" in said
    assert "alert above 9; noted, as unusual as an alert but too few for one (rarer than" in said


def test_a_withdrawn_alert_whose_count_fills_high_says_that_it_may_be_said_again() -> None:
    was = alert(Detector.NIGHT, night(young("police", 9, 0.8, ABOVE)))  # type: ignore[arg-type]
    now = alert(Detector.NIGHT, night(young("police", 8, 0.7)), level=WITHIN)  # type: ignore[arg-type]
    writer = Writer(AREA, Audience.POLICE)
    yet = "Police may yet end above its limit (7 in 10); if so it is said again."
    gone = writer.head(now, Reason.WITHDRAWN, morning(MONDAY))
    reply = writer.reply(now, Reason.WITHDRAWN, Said(was, Reason.FIRST), morning(MONDAY))
    assert f"The thread says what changed. {yet}" in gone.spoken
    assert reply.spoken.endswith(yet)
    low = alert(Detector.NIGHT, night(young("police", 8, 0.1)), level=WITHIN)  # type: ignore[arg-type]
    assert "may yet" not in writer.head(low, Reason.WITHDRAWN, morning(MONDAY)).spoken


def test_another_source_that_joins_is_named() -> None:
    police = view("police", 14, ABOVE)
    was = alert(Detector.NIGHT, night(police, young("ae", 9, 0.5)))  # type: ignore[arg-type]
    now = alert(Detector.NIGHT, night(police, young("ae", 9, 0.8, ABOVE)))  # type: ignore[arg-type]
    said = (
        Writer(AREA, Audience.POLICE).reply(now, Reason.ROSE, Said(was, Reason.FIRST), morning(MONDAY)).spoken
    )
    assert "a&E" not in said
    assert "A&E now sees it too. A&E 9 so far" in said
    assert said.endswith("so more will come. It will very likely end above 9.")


def test_a_town_centre_that_is_above_in_another_source_is_not_among_those_with_nothing_above() -> None:
    codes = tuple(sorted(c.centre_code for c in AREA.current_centres)[:8])
    quiet = [row for c in codes for row in judged(MONDAY, View("police", 14, "within"), centre=c)]
    said = digest(*quiet, *judged(MONDAY, View("ae", 14, "above"), centre=codes[-1]), codes=codes)
    assert "2 more town centres: 1 above, named at the top" in said
    assert "2 more town centres: nothing above" in digest(*quiet, codes=codes)


def test_when_an_alert_comes_is_said_in_the_same_words_everywhere() -> None:
    rule = "when a night will very likely end above its alert limit"
    for said in (
        WHEN_ALERT,
        *((CHECKOUT / name).read_text("utf-8") for name in ("README.md", "docs/slack.md")),
    ):
        assert rule in said.lower()
