"""A message that can be acted on: how many times the usual, what stands beside it, why it is late, what it adds up to."""

from datetime import date, datetime, timedelta

import pytest

from alerts import steps
from alerts.deciding.decisions import Said
from alerts.deciding.facts import EVERYWHERE, AlertFacts, NightFacts, SourceFacts
from alerts.nights.message import Writer
from alerts.nights.picture import picture_of
from alerts.words.other_nights import OtherNights
from alerts.words.seen import of_own
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse
from nte.words import Audience, Detector, Reason, Verdict
from tests.alerts.scenes import AREA, SATURDAY, View, judged, morning, put_judgements

FRIDAY, SUNDAY, MONDAY = (
    SATURDAY - timedelta(days=1),
    SATURDAY + timedelta(days=1),
    SATURDAY + timedelta(days=2),
)
WITHIN, ABOVE, FAR = Verdict.WITHIN, Verdict.ABOVE, Verdict.FAR_ABOVE
WEEK, YEAR = timedelta(days=7), timedelta(weeks=52)
GREEN, YELLOW = "🟢", "🟡"


def view(source: str, n: int, verdict: Verdict, p_value: float = 0.2) -> SourceFacts:
    return SourceFacts(
        source=source, verdict=verdict, n_incidents=n, expected=4.8, alert_limit=9, known_share=1.0, p_value=p_value,
        stands_chance=0.9,
    )  # fmt: skip


def alert(detector: Detector, *nights: NightFacts, level: Verdict = ABOVE) -> AlertFacts:
    centre = EVERYWHERE if detector is Detector.MANY_CENTRES else "derby"
    return AlertFacts(
        detector=detector, definition="nte-violence", centre_code=centre, first_evening=nights[0].evening,
        last_evening=nights[-1].evening, level=level, nights=nights, is_settled=False, is_complete=False,
        stands_chance=0.9,
    )  # fmt: skip


def night(*views: SourceFacts, evening: date = SATURDAY, centre: str = "derby") -> NightFacts:
    return NightFacts(evening=evening, centre_code=centre, sources=views)


def head(
    facts: AlertFacts,
    audience: Audience = Audience.POLICE,
    nights: OtherNights | None = None,
    *,
    day: date = MONDAY,
) -> str:
    """Return a head as a reader sees it, line by line."""
    writer = Writer(AREA, audience, nights=nights or OtherNights())
    message = writer.head(facts, Reason.FIRST, morning(day))
    lines = [line for part in (message.lead, *message.views, *message.small) for line in part]
    return "\n".join([message.headline, *("".join(span.text for span in line) for line in lines)])


def other(*known: tuple[date, str, int, date], ahead: float | None = None) -> OtherNights:
    """Return counts of other nights: evening, source, count, and the day from which on it was known."""
    counts: dict[tuple[date, str, str], list[tuple[datetime, int | None]]] = {}
    for evening, source, n, day in sorted(known, key=lambda one: one[3]):
        counts.setdefault((evening, "derby", source), []).append((morning(day), n))
    expected = {} if ahead is None else {(SATURDAY + WEEK, "derby", "police"): (morning(MONDAY), ahead)}
    return OtherNights(counts, expected)


def test_a_head_says_how_many_times_the_usual_a_count_is_that_may_be_said() -> None:
    one = alert(Detector.NIGHT, night(view("police", 14, ABOVE), view("ae", 9, WITHIN)))
    assert "Only one source sees it so far: Police, about 3 times the usual." in head(one)
    both = alert(Detector.NIGHT, night(view("police", 10, ABOVE), view("ae", 7, ABOVE)))
    assert "2 sources agree: Police (about twice the usual) and A&E." in head(both)


def test_what_is_high_and_no_alert_has_no_green_sign() -> None:
    said = head(alert(Detector.NIGHT, night(view("police", 14, ABOVE), view("ae", 9, WITHIN, 0.005))))
    assert f"{YELLOW} A&E 9" in said
    assert GREEN not in said


def test_beside_a_night_stand_the_week_before_the_year_before_and_the_next() -> None:
    facts = alert(Detector.NIGHT, night(view("police", 14, ABOVE)))
    known = other((SATURDAY - WEEK, "police", 4, SUNDAY), (SATURDAY - YEAR, "police", 9, SUNDAY), ahead=5.2)
    line = "Police, to compare: the Saturday before 4; the same Saturday last year 9; about 5 to be expected on Saturday"
    assert line in head(facts, nights=known)
    assert "the Saturday before fewer than 5; the same Saturday last year 9" in head(
        facts, Audience.LICENSING, known
    )
    later = other((SATURDAY - WEEK, "police", 4, MONDAY + WEEK))
    assert "the Saturday before" not in head(facts, nights=later), "not known on that morning"
    both = alert(Detector.NIGHT, night(view("police", 14, ABOVE), view("ae", 14, ABOVE)))
    outlook = "The outlook for Saturday 4 April comes on Thu 2 Apr."
    assert head(both, nights=known_without_ahead()).count(outlook) == 1
    assert outlook not in head(facts, nights=known)


def known_without_ahead() -> OtherNights:
    return other((SATURDAY - WEEK, "police", 4, SUNDAY))


@pytest.mark.parametrize(
    ("audience", "before", "now", "said"),
    [
        (Audience.POLICE, 9, 10, "Why only on Thursday 2 April: the 10th police record came in that morning."),
        (Audience.POLICE, 7, 10, "Why only on Thursday 2 April: 3 late police records came in (7 → 10) that morning."),
        (Audience.LICENSING, 3, 10, "Why only on Thursday 2 April: late police records came in that morning."),
    ],
)  # fmt: skip
def test_a_late_alert_says_why_it_comes_now(audience: Audience, before: int, now: int, said: str) -> None:
    facts, thursday = alert(Detector.NIGHT, night(view("police", now, ABOVE))), SATURDAY + timedelta(days=5)
    known = other((SATURDAY, "police", before, SUNDAY), (SATURDAY, "police", now, thursday))
    assert said in head(facts, audience, known, day=thursday)
    assert "Why only" not in head(facts, audience, known, day=MONDAY), "Monday is not late"


def weekend(*counts: tuple[int, int], chance: float = 0.9) -> AlertFacts:
    """Return a weekend by its police and A&E counts, none of which stands out."""
    days = (FRIDAY, SATURDAY, SUNDAY)
    nights = [
        night(view("police", p, WITHIN), view("ae", a, WITHIN), evening=e)
        for e, (p, a) in zip(days, counts, strict=True)
    ]
    return alert(Detector.WEEKEND, *nights).model_copy(update={"stands_chance": chance})


def test_a_weekend_says_its_sum_where_no_night_is_hidden_and_shows_no_green() -> None:
    facts = weekend((9, 5), (12, 9), (8, 6))
    said = head(facts)
    assert "Derby city centre: more violence than expected" in said
    assert (
        "together are above what was expected: Police 29 over 3 nights, about twice the usual (about 14)."
        in said
    )
    assert "by chance alone such an alert comes about once in 4 months" in said
    assert GREEN not in said
    assert "A&E 20" not in said


def test_beside_a_weekend_stand_sums_where_none_of_their_nights_is_hidden() -> None:
    def beside(n_friday: int, audience: Audience) -> str:
        week = [
            (SATURDAY - WEEK + timedelta(days=d), "police", n, SUNDAY)
            for d, n in ((-1, n_friday), (0, 9), (1, 7))
        ]
        year = [(SATURDAY - YEAR + timedelta(days=d), "police", 6, SUNDAY) for d in (-1, 0, 1)]
        return head(weekend((9, 9), (12, 9), (8, 9)), audience, other(*week, *year))

    assert "Police, to compare: the weekend before 19; the same weekend last year 18" in beside(
        3, Audience.POLICE
    )
    assert "the weekend before 24" in beside(8, Audience.LICENSING)
    few = {beside(n, Audience.LICENSING) for n in range(5)}
    assert len(few) == 1, "each hidden count makes the same line"
    assert "the same weekend last year 18; the weekend before: small counts, not told" in few.pop()


def test_of_a_hidden_night_neither_a_sum_nor_a_chance_is_told() -> None:
    few = head(weekend((3, 5), (12, 9), (8, 6)), Audience.LICENSING)
    assert "over 3 nights" not in few
    assert "will" not in few
    texts = {head(weekend((n, 5), (12, 9), (8, 6)), Audience.LICENSING) for n in range(5)}
    assert len(texts) == 1, "each hidden count makes the same message"
    assert "stand (9 in 10)" in head(weekend((9, 9), (12, 9), (8, 9)))


def test_four_weekends_count_hidden_nights_and_never_how_they_stand_to_the_usual() -> None:
    def four(n: int) -> str:
        nights = [
            night(view("police", 8, WITHIN), view("ae", n, WITHIN), evening=SATURDAY - k * WEEK)
            for k in (3, 2, 1, 0)
        ]
        return head(alert(Detector.FOUR_WEEKENDS, *nights))

    assert "Police: 32 over 4 nights, about one and a half times the usual (about 19)" in four(2)
    assert "A&E: fewer than 8 on 4 of 4 nights; no sum is told" in four(2)
    assert len({four(n) for n in range(8)}) == 1


def test_many_town_centres_are_named_with_what_each_counted_and_which_is_far_above() -> None:
    nights = [
        night(view("police", 12, FAR if centre == "derby" else ABOVE, 0.0004), centre=centre)
        for centre in ("derby", "chesterfield", "buxton")
    ]
    said = head(alert(Detector.MANY_CENTRES, *nights, level=FAR))
    assert said.startswith("3 town centres above what was expected; Derby city centre far above\n")
    assert "Buxton: Police 12, usually about 5, alert above 9, rarer than one such night in 10 years" in said
    assert "by chance alone one town centre is above on one night about once in 7 weeks" in said
    hidden = [night(view("ae", 7, ABOVE, 0.0004), centre=n.centre_code) for n in nights]
    few = head(alert(Detector.MANY_CENTRES, *hidden))
    assert "Buxton: A&E fewer than 8\n" in few
    assert "usually" not in few


def test_a_district_sees_the_picture_of_its_own_town_centre() -> None:
    nights = [
        night(view("police", 12, FAR if centre == "derby" else ABOVE, 0.0004), centre=centre)
        for centre in ("derby", "buxton")
    ]
    facts = alert(Detector.MANY_CENTRES, *nights, level=FAR)
    sources = Writer(AREA, Audience.LICENSING).sources
    for own, shown in (({"derby"}, "derby"), ({"buxton", "glossop"}, "buxton"), ({"chesterfield"}, None)):
        picture = picture_of(of_own(facts, own), morning(MONDAY), sources)
        assert (picture.centre_code if picture else None) == shown


def test_nothing_is_now_higher_when_the_words_do_not_change(settings: Settings) -> None:
    put_judgements(settings, judged(SUNDAY, View("ae", 5, "above"), View("police", 3, "within")))
    put_judgements(settings, judged(MONDAY, View("ae", 6, "above", 0.7), View("police", 3, "within")))
    steps.decide_alerts(settings, AREA, morning(MONDAY) + timedelta(hours=1))
    steps.write_messages(settings, AREA, morning(MONDAY) + timedelta(hours=1))
    with open_warehouse(settings) as warehouse:
        kinds = warehouse.read(OUTBOX)["kind"].to_list()
    assert set(kinds) == {"head", "edit"}
    writer = Writer(AREA, Audience.POLICE)
    before, now = (alert(Detector.NIGHT, night(view("ae", n, ABOVE))) for n in (7, 9))
    assert "Now higher" in str(writer.reply(now, Reason.ROSE, Said(before, Reason.FIRST), morning(MONDAY)))
