"""Two weeks after an alert its thread says what came after and asks whether it was useful; once a month it is counted."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from alerts import steps
from alerts.slack.door import SlackAccess
from alerts.slack.listen import FormWanted, read_interaction
from alerts.weekends.month import Month, due_month, say_month, say_partial
from alerts.weekends.review import Since
from alerts.words.message import bare
from nte.disclosure import policy_of
from nte.settings import Settings
from nte.tables.judgements import JUDGEMENTS
from nte.tables.published import ALERT_OUTCOMES
from nte.warehouse import open_warehouse, read_published
from nte.words import Audience
from reports.steps import publish_warehouse
from tests.alerts.scenes import AREA, SATURDAY, View, judged, morning, put_judgements
from tests.alerts.slack_server import Workspace
from tests.alerts.test_listen import ALERT, NOW, SUNDAY, acted_on, answer, press, raised, submit

DUE = NOW + timedelta(days=14)
LAST = SATURDAY + timedelta(days=14)
__all__ = ["raised"]


def after(police: Iterable[int], ae: Iterable[int]) -> list[dict[str, Any]]:
    """Return the judgements of the nights after the alert: the first weekend is complete, of the second half is in."""
    evenings = [SATURDAY + timedelta(days=n) for n in (6, 7, 8, 13, 14)]
    rows = []
    for evening, n_police, n_ae in zip(evenings, police, ae, strict=True):
        share = 1.0 if evening < LAST - timedelta(days=1) else 0.5
        views = View("police", n_police, "within", share, 0.5), View("ae", n_ae, "within", share, 0.5)
        rows += judged(evening + timedelta(days=1), *views, evening=evening)
    return rows


def look_back(settings: Settings, access: SlackAccess) -> None:
    """Write and post what is due."""
    steps.write_bulletins(settings, AREA, DUE)
    steps.post_pending(settings, AREA, DUE, access, pace_seconds=0)


def last_of(workspace: Workspace, channel: str) -> dict[str, Any]:
    found: dict[str, Any] = workspace.threads(channel)[0][-1]
    return found


def test_two_weeks_later_the_thread_says_what_came_and_asks_once(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(raised, after(police=[5, 6, 9, 2, 3], ae=[8, 9, 8, 8, 9]))
    look_back(raised, access)
    police, derby = last_of(workspace, "#nte-police"), last_of(workspace, "#nte-derby")
    assert police["text"] == (
        "Two weeks on. The 5 nights since: Police 25 so far (about 80 % is in, usually about 24 in the end); "
        "A&amp;E 42 so far (about 80 % is in, usually about 24 in the end). Was this useful?"
    ).replace("80 %", "80\u00a0%")
    # Two of the nights had so few that their number is not shown in the licensing channel: neither is a total.
    assert "Police fewer than 5 on some nights, so no total is shown; A&amp;E 42" in derby["text"]
    assert [b["text"]["text"] for b in derby["blocks"][-1]["elements"]] == ["Yes", "No", "Too late"]
    before = len(workspace.threads("#nte-derby")[0])
    look_back(raised, access)
    assert len(workspace.threads("#nte-derby")[0]) == before
    assert not workspace.faults


def test_no_total_depends_on_a_count_that_is_hidden(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(raised, after(police=[5, 6, 9, 2, 3], ae=[8, 9, 0, 8, 9]))
    look_back(raised, access)
    said = last_of(workspace, "#nte-police")["text"]
    assert "A&amp;E fewer than 8 on some nights, so no total is shown" in said


@pytest.mark.parametrize("audience", [Audience.POLICE, Audience.LICENSING])
def test_every_hidden_count_makes_the_same_line(audience: Audience) -> None:
    said = set()
    for n in range(8):
        rows = pl.DataFrame(after(police=[5, 6, 9, 12, 7], ae=[8, 9, n, 8, 9]), schema=JUDGEMENTS.schema)
        said.add(Since(AREA, policy_of(AREA), audience, rows).say())
    assert len(said) == 1
    assert "Police 39 so far" in said.pop()


def test_whether_it_was_useful_is_kept_and_said_only_where_it_was_asked(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    answer(raised, access, acted_on("a person's name"))
    put_judgements(raised, after(police=[5, 6, 9, 2, 3], ae=[8, 9, 8, 8, 9]))
    look_back(raised, access)
    answer(raised, access, press("too_late"), DUE)
    assert last_of(workspace, "#nte-derby")["text"] == "This came too late to be useful, says k.shah."
    assert "too late" not in last_of(workspace, "#nte-police")["text"]
    answer(raised, access, press("useful"), DUE + timedelta(hours=1))
    publish_warehouse(raised, AREA, DUE)
    [row] = read_published(raised.published_file, "SELECT * FROM alert_outcomes").to_dicts()
    assert (row["alert_id"], row["acted_on_at"], row["actions"]) == (ALERT, NOW, "licensing_visit,patrol")
    assert (row["n_nights_after"], row["n_above_after"], row["is_withdrawn"]) == (5, 0, False)
    # The last word of a person counts.
    assert (row["n_useful"], row["n_not_useful"], row["n_too_late"]) == (1, 0, 0)
    [kept] = read_published(
        raised.published_file, "SELECT * FROM acknowledgements WHERE kind = 'acted_on'"
    ).to_dicts()
    assert "note" not in kept
    assert kept["channel"] == "#nte-derby"
    assert b"a person's name" not in raised.published_file.read_bytes()


def test_whether_it_was_useful_keeps_no_change_quiet_and_teaches_the_bands_nothing(
    raised: Settings, access: SlackAccess
) -> None:
    answer(raised, access, press("not_useful"))
    assert steps.answered_alerts(raised, AREA, NOW) == []
    with open_warehouse(raised) as warehouse:
        assert warehouse.query("SELECT * FROM labelled_nights").is_empty()


def test_a_silent_town_centre_is_not_asked_about_in_that_channel(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    form = read_interaction(press("silence"), AREA)
    assert isinstance(form, FormWanted)
    answer(raised, access, submit(form.view, "28", "the fair"))
    look_back(raised, access)
    assert "Two weeks on" in last_of(workspace, "#nte-police")["text"]
    assert "Two weeks on" not in last_of(workspace, "#nte-derby")["text"]


def test_an_alert_that_nobody_remembers_is_not_asked_about(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    late = NOW + timedelta(days=40)
    steps.write_bulletins(raised, AREA, late)
    with open_warehouse(raised) as warehouse:
        assert warehouse.query("SELECT * FROM outbox WHERE purpose = 'review'").is_empty()


@pytest.mark.parametrize(
    ("day", "month"), [(date(2026, 4, 15), None), (date(2026, 4, 16), "2026-03"), (date(2026, 5, 2), None)]
)
def test_a_month_is_counted_when_people_were_asked_about_all_of_it(day: date, month: str | None) -> None:
    due = due_month(AREA, morning(day) + timedelta(hours=3))
    assert (due.message_id if due else None) == (f"month@{month}" if month else None)


def test_the_police_lead_gets_the_line_of_the_month_once(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    answer(raised, access, acted_on())
    answer(raised, access, press("useful"), NOW + timedelta(minutes=1))
    for day in (date(2026, 4, 16), date(2026, 4, 17)):
        now = morning(day) + timedelta(hours=3)
        steps.write_bulletins(raised, AREA, now)
        steps.post_pending(raised, AREA, now, access, pace_seconds=0)
    said = [thread[0]["text"] for thread in workspace.threads("#nte-police")]
    assert [text for text in said if "alert in March" in text] == [
        "1 alert in March. It is still open and was acted on (licensing visit, patrol). Useful, by the answers of all channels: yes. The month is partial: judged "
        "were Police from 28 March on, Ambulance and A&amp;E not at all. "
        "About 1 in 30 days comes though nothing has changed."
    ]


def test_a_month_says_what_was_withdrawn_and_what_nobody_answered() -> None:
    row: dict[str, Any] = dict.fromkeys(ALERT_OUTCOMES.names)
    row |= {
        "actions": "",
        "n_useful": 0,
        "n_not_useful": 0,
        "n_too_late": 0,
        "is_withdrawn": False,
        "is_complete": True,
    }
    rows = [
        row | {"is_complete": False},
        row | {"is_withdrawn": True, "n_not_useful": 2},
        row | {"n_too_late": 1},
    ]
    own = pl.DataFrame(rows, schema=ALERT_OUTCOMES.schema)
    said = bare(say_month(AREA, Month(SUNDAY.replace(day=1)), own))
    assert "3 alerts in March. 1 stood, 1 is still open, 1 was withdrawn; none was acted on." in said
    assert "Useful, by the answers of all channels: no 1, too late 1, not answered 1." in said
    assert "No alert in March." in bare(say_month(AREA, Month(SUNDAY.replace(day=1)), own.clear()))


@pytest.mark.parametrize(
    ("first_judged", "said"),
    [
        (dict.fromkeys(AREA.sources, date(2026, 3, 1)), ""),
        (
            dict.fromkeys(AREA.sources, date(2026, 3, 20)),
            " The month is partial: its nights were judged from 20 March on.",
        ),
        (
            {"police": date(2026, 1, 2), "emas": date(2026, 3, 20), "ae": date(2026, 4, 3)},
            " The month is partial: judged were Ambulance from 20 March on, A&E not at all.",
        ),
    ],
)
def test_a_month_of_which_a_part_was_judged_says_so(first_judged: dict[str, date], said: str) -> None:
    march = Month(SUNDAY.replace(day=1))
    line = bare(say_month(AREA, march, ALERT_OUTCOMES.empty(), say_partial(AREA, march, first_judged)))
    assert line.startswith(f"No alert in March.{said} About 1 in 30 days")


def test_a_single_alert_has_no_number_beside_it() -> None:
    row = dict.fromkeys(ALERT_OUTCOMES.names) | {"actions": "", "is_withdrawn": True}
    row |= dict.fromkeys(("n_useful", "n_not_useful", "n_too_late"), 0)
    own = pl.DataFrame([row], schema=ALERT_OUTCOMES.schema)
    said = bare(say_month(AREA, Month(SUNDAY.replace(day=1)), own))
    assert (
        "1 alert in March. It was withdrawn; nobody said that they acted on it. Useful, by the answers of all channels: not answered."
        in said
    )
