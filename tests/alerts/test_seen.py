"""Who may not know a small count is told nothing that depends on it, and of an alert only what leaves it its values."""

from datetime import date, timedelta

import polars as pl
import pytest

from alerts.deciding.decisions import Said
from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from alerts.deciding.mornings import Decision
from alerts.nights.intents import IntentWriter
from alerts.nights.message import Writer
from alerts.outbox.caught_up import WITHDRAWN_UNSEEN, catch_up
from alerts.outbox.intents import NOT_POSTED, Intent
from alerts.outbox.silenced import told_by
from alerts.words.seen import as_seen, reason_here, said_here
from alerts.words.seen_rows import seen_rows
from alerts.words.wording import NO_MORE
from nte.area import Area
from nte.tables.alerts import OUTBOX, SILENCES
from nte.words import Audience, Detector, Reason, Verdict
from tests.alerts.scenes import AREA, SATURDAY, View, judged, morning

POLICE, DISTRICT = "#nte-police", "#nte-derby"
Counts = dict[str, tuple[int, Verdict]]
ABOVE, WITHIN, FAR = Verdict.ABOVE, Verdict.WITHIN, Verdict.FAR_ABOVE


def view(source: str, n: int, verdict: Verdict, *, limit: int = 4, chance: float = 0.8) -> SourceFacts:
    return SourceFacts(source=source, verdict=verdict, n_incidents=n, expected=1.2, expected_so_far=0.6,
                       alert_limit=limit, known_share=0.6, p_value=0.0005, stands_chance=chance)  # fmt: skip


def night(*views: SourceFacts, evening: date = SATURDAY) -> NightFacts:
    return NightFacts(evening=evening, centre_code="derby", sources=views)


def alert(
    *nights: NightFacts, detector: Detector = Detector.NIGHT, level: Verdict | None = None
) -> AlertFacts:
    return AlertFacts(
        detector=detector, definition="nte-violence", centre_code="derby", first_evening=nights[0].evening,
        last_evening=nights[-1].evening, level=level or nights[0].level, nights=nights, is_settled=False,
        is_complete=False, stands_chance=0.8,
    )  # fmt: skip


def weekend(*counts: int) -> AlertFacts:
    """Return a weekend of police counts, Friday on, that is above as a whole."""
    friday = SATURDAY - timedelta(days=1)
    nights = [
        night(view("police", n, WITHIN), evening=friday + timedelta(days=d)) for d, n in enumerate(counts)
    ]
    return alert(*nights, detector=Detector.WEEKEND, level=ABOVE)


def told(
    *facts: AlertFacts,
    reasons: tuple[Reason, ...] = (Reason.FIRST, Reason.ROSE, Reason.FELL),
    area: Area = AREA,
) -> list[list[Intent]]:
    """Return what is written on one morning after another."""
    writer = IntentWriter(area, morning(SATURDAY + timedelta(days=3)), "", {}, {}, SILENCES.empty())
    made = []
    for n, (one, reason) in enumerate(zip(facts, reasons, strict=False)):
        as_of = morning(SATURDAY + timedelta(days=n + 1))
        made.append(writer.write([(f"d{n}", Decision(as_of, reason, one))]))
    return made


def kinds(intents: list[Intent], channel: str) -> list[str]:
    return [intent.kind for intent in intents if intent.channel == channel]


def text_of(intents: list[Intent], channel: str, kind: str) -> str:
    [found] = [i.message.model_dump_json() for i in intents if (i.channel, i.kind) == (channel, kind)]
    return found


def test_a_district_hears_of_a_young_police_alert_when_its_count_may_be_said() -> None:
    small, said = told(alert(night(view("police", 4, ABOVE))), alert(night(view("police", 5, ABOVE))))
    assert kinds(small, POLICE) == ["head"]
    assert kinds(small, DISTRICT) == []
    assert kinds(said, POLICE) == ["reply", "edit"]
    assert kinds(said, DISTRICT) == ["head"]
    assert "Police 5 so far" in str(text_of(said, DISTRICT, "head"))


def test_an_alert_whose_count_has_become_hidden_is_withdrawn_there_whether_it_stands_or_not() -> None:
    before = alert(night(view("police", 6, ABOVE)))
    stands, gone = (told(before, alert(night(view("police", n, v))), reasons=(Reason.FIRST, reason))[1]
                    for n, v, reason in ((4, ABOVE, Reason.FELL), (2, WITHIN, Reason.WITHDRAWN)))  # fmt: skip
    for kind in ("reply", "edit"):
        assert text_of(stands, DISTRICT, kind) == text_of(gone, DISTRICT, kind)
    assert "withdrawn" in text_of(stands, DISTRICT, "reply")
    assert "4" in text_of(stands, POLICE, "reply")


def test_an_alert_that_was_withdrawn_there_stays_so_while_its_count_is_hidden() -> None:
    """The police hear what moves on; the district's message goes on saying that it no longer holds."""
    counts = (6, ABOVE), (4, ABOVE), (3, ABOVE)
    mornings = told(
        *(alert(night(view("police", n, v))) for n, v in counts),
        reasons=(Reason.FIRST, Reason.FELL, Reason.FELL),
    )
    assert kinds(mornings[2], POLICE) == ["reply", "edit"]
    assert kinds(mornings[2], DISTRICT) == ["edit"]
    assert "the alert is withdrawn" in text_of(mornings[2], DISTRICT, "edit")
    assert "sources agree" not in text_of(mornings[2], DISTRICT, "edit")


@pytest.mark.parametrize("now", [3, 4, 6, 7])
def test_a_move_among_hidden_counts_is_no_news(now: int) -> None:
    first, then = told(alert(night(view("ae", 5, ABOVE))), alert(night(view("ae", now, FAR, chance=0.3))))
    assert kinds(first, POLICE) == ["head"]
    assert kinds(then, POLICE) == ["edit"]
    assert "fewer than 8 so far; more than expected" in text_of(then, POLICE, "edit")
    assert "far" not in text_of(then, POLICE, "edit").replace("so far", "")


def test_of_a_hidden_count_that_is_not_above_no_verdict_is_said() -> None:
    head = str(
        Writer(AREA, Audience.POLICE).head(
            alert(night(view("police", 9, ABOVE), view("ae", 2, WITHIN))), Reason.FIRST, morning(SATURDAY)
        )
    )
    assert "A&E: fewer than may be said." in head
    assert "as expected" not in head
    assert NO_MORE in head


def test_a_limit_among_the_hidden_counts_is_never_named() -> None:
    """Named beside a 9 it would tell, when the 9 becomes 'fewer than 8' and stays above, that it is a 6 or a 7."""
    for limit, is_named in ((5, False), (7, False), (8, True)):
        head = str(
            Writer(AREA, Audience.POLICE).head(
                alert(night(view("ae", 9, ABOVE, limit=limit))), Reason.FIRST, morning(SATURDAY)
            )
        )
        assert ("alert above" in head) is is_named


def test_a_weekend_is_told_only_where_its_least_sum_leaves_each_hidden_count_its_values() -> None:
    """Two counts under 5 that are 6 together are 2 or more each; three can be anything."""
    assert not as_seen(weekend(3, 4), AREA, Audience.LICENSING).level.is_exceedance
    assert as_seen(weekend(3, 4, 2), AREA, Audience.LICENSING).level.is_exceedance
    assert as_seen(weekend(3, 4), AREA, Audience.POLICE).level.is_exceedance
    [intents] = told(weekend(3, 4), reasons=(Reason.FIRST,))
    assert kinds(intents, POLICE) == ["head"]
    assert kinds(intents, DISTRICT) == []


def test_what_no_channel_may_hear_of_is_kept_back_with_its_reason() -> None:
    alerts = AREA.alerts.model_copy(update={"least_count": {"ae": 6}})
    area = AREA.model_copy(update={"alerts": alerts})
    [intents] = told(alert(night(view("ae", 7, ABOVE))), reasons=(Reason.FIRST,), area=area)
    [row] = intents
    assert (row.channel, row.status) == (AREA.slack.ops_channel, NOT_POSTED)
    assert "Derby" not in row.message.model_dump_json()


def test_what_readers_see_decides_what_they_are_told() -> None:
    both = alert(night(view("police", 9, ABOVE), view("ae", 6, ABOVE)))
    fell = alert(night(view("police", 9, ABOVE), view("ae", 5, ABOVE)))
    rose = alert(night(view("police", 10, ABOVE), view("ae", 5, ABOVE)))
    said = said_here(Said(both, Reason.FIRST), AREA, Audience.POLICE)
    assert reason_here(Reason.FELL, as_seen(fell, AREA, Audience.POLICE), said) is Reason.FRESH
    assert reason_here(Reason.FELL, as_seen(rose, AREA, Audience.POLICE), said) is Reason.ROSE


def test_a_copy_of_facts_looks_at_its_own_nights() -> None:
    facts = alert(night(view("police", 9, ABOVE)))
    assert facts.alarming
    quiet = facts.model_copy(update={"nights": (night(view("police", 1, WITHIN)),)})
    assert not quiet.alarming


@pytest.mark.parametrize(
    ("shown", "audience", "verdict"),
    [
        (View("ae", 7, "far_above"), Audience.POLICE, "above"),
        (View("ae", 2, "within"), Audience.POLICE, "within"),
        (View("police", 4, "above"), Audience.LICENSING, "within"),
        (View("police", 4, "above"), Audience.POLICE, "above"),
        (View("police", None, "unknown", why="late"), Audience.LICENSING, "unknown"),
    ],
)  # fmt: skip
def test_rows_are_seen_as_facts_are(shown: View, audience: Audience, verdict: str) -> None:
    [row] = seen_rows(
        AREA, pl.DataFrame(judged(SATURDAY, shown), infer_schema_length=None), audience
    ).to_dicts()
    assert row["verdict"] == verdict
    if audience is not Audience.POLICE or shown.source != "police":
        assert row["n_incidents"] in (0, None)
        assert row["p_value"] is None or verdict == "unknown"


def test_the_order_of_a_morning_tells_of_no_hidden_count() -> None:
    """The first of two alerts is the graver one as a district sees it, whatever a hidden count is."""
    orders = set()
    for verdict, p_value in ((ABOVE, 0.004), (FAR, 1e-9)):
        hidden = alert(night(view("ae", 6, verdict).model_copy(update={"p_value": p_value})))
        shown = alert(night(view("police", 9, ABOVE))).model_copy(update={"centre_code": "buxton"})
        writer = IntentWriter(AREA, morning(SATURDAY), "", {}, {}, SILENCES.empty())
        made = [
            (f"d{n}", Decision(morning(SATURDAY), Reason.FIRST, one)) for n, one in enumerate((hidden, shown))
        ]
        orders.add(tuple(i.alert_id for i in writer.write(made) if i.channel == POLICE))
    assert len(orders) == 1


def test_far_above_goes_through_a_silence_only_where_its_count_may_be_said() -> None:
    for n, source, seen_by in (
        (6, "ae", {Audience.ANALYST}),
        (9, "ae", set(Audience)),
        (4, "police", {Audience.ANALYST, Audience.POLICE}),
    ):
        facts = alert(night(view(source, n, FAR)))
        decision = {"decision_id": "d", "alert_id": facts.alert_id, "facts": facts.model_dump_json(), "sequence": 1,
                    "decided_as_of": morning(SATURDAY)}  # fmt: skip
        assert told_by(pl.DataFrame([decision]), AREA)["d"].newly_far == seen_by


def test_after_an_outage_a_district_hears_of_no_alert_that_was_withdrawn_there_whether_it_stands_or_not() -> (
    None
):
    before = alert(night(view("police", 6, ABOVE)))
    for n, verdict, reason in ((4, ABOVE, Reason.FELL), (2, WITHIN, Reason.WITHDRAWN)):
        mornings = told(before, alert(night(view("police", n, verdict))), reasons=(Reason.FIRST, reason))
        written = [i for made in mornings for i in made if i.channel == DISTRICT]
        rows = [intent.row(k, morning(SATURDAY)) for k, intent in enumerate(written)]
        changed = catch_up(pl.DataFrame(rows, schema=OUTBOX.schema))
        assert set(changed["status_reason"]) == {WITHDRAWN_UNSEEN}
