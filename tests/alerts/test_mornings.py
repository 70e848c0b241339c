"""Morning after morning: the same decisions whatever the runs, and one message however much fires."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl

from alerts import steps
from alerts.nights.intents import ONLY_NAMED
from alerts.outbox.still_open import say_still_open
from alerts.words.message import Message
from nte.settings import Settings
from nte.tables.alerts import ACKNOWLEDGEMENTS, ALERTS, DECISIONS, OUTBOX, SILENCES
from nte.warehouse import open_warehouse
from reports.told import told_in_channels
from tests.alerts.scenes import (
    AREA,
    Row,
    View,
    judged,
    morning,
    put_judgements,
    put_windows,
    settings_in,
    window,
)

FRIDAY, SATURDAY, SUNDAY = date(2026, 3, 27), date(2026, 3, 28), date(2026, 3, 29)
MONDAY, TUESDAY = date(2026, 3, 30), date(2026, 3, 31)
CENTRES = [c.centre_code for c in AREA.current_centres]


def decide_on(settings: Settings, *days: date) -> dict[str, str]:
    """Run the decisions on some mornings; return the reason of each decision about an alert."""
    for day in days:
        steps.decide_alerts(settings, AREA, morning(day) + timedelta(hours=1))
    return {
        key: reason
        for key, reason in read(settings).select("decision_id", "reason").iter_rows()
        if not key.startswith("morning@")
    }


def read(settings: Settings) -> pl.DataFrame:
    with open_warehouse(settings) as warehouse:
        return warehouse.read(DECISIONS).sort("decision_id")


def many_weeks(seed: int) -> dict[date, list[Row]]:
    """Return random judgements of two weekends: a night comes in, fills, and is corrected."""
    random, mornings = Random(seed), dict[date, list[Row]]()  # noqa: S311  a test scene
    for centre in CENTRES[:6]:
        for evening in (FRIDAY + timedelta(days=7 * w + d) for w in range(2) for d in range(3)):
            n = random.choice([2, 4, 7, 10, 15])
            for age, share in ((1, 0.55), (3, 0.78), (9, 0.92), (30, 1.0)):
                n = max(0, n + random.choice([-2, 0, 0, 0, 1, 2]))
                verdict = "far_above" if n > 14 else "above" if n > 9 * share else "within"
                rows = judged(
                    evening + timedelta(days=age),
                    View("police", n, verdict, share),
                    centre=centre,
                    evening=evening,
                )
                mornings.setdefault(evening + timedelta(days=age), []).extend(rows)
    return mornings


def test_one_run_over_many_mornings_decides_as_a_run_a_day_does(tmp_path: Path) -> None:
    mornings = many_weeks(seed=2)
    last = max(mornings)
    at_once, daily = settings_in(tmp_path / "once"), settings_in(tmp_path / "daily")
    put_judgements(at_once, [row for rows in mornings.values() for row in rows])
    decide_on(at_once, last)
    for day, rows in sorted(mornings.items()):
        put_judgements(daily, rows)
        steps.decide_alerts(daily, AREA, morning(day) + timedelta(hours=1))
    assert read(daily).equals(read(at_once))
    assert set(read(daily)["reason"]) >= {
        "first",
        "rose",
        "fell",
        "withdrawn",
        "not_yet_complete",
        "completed",
    }
    before = read(daily)
    decide_on(daily, last)
    assert read(daily).equals(before)


def test_a_morning_without_anything_above_is_noted(settings: Settings) -> None:
    put_judgements(settings, judged(SUNDAY, View("police", 4, "within")))
    assert decide_on(settings, SUNDAY) == {}
    assert read(settings)["decision_id"].to_list() == ["morning@2026-03-29"]


def test_many_centres_on_one_night_make_one_message(settings: Settings) -> None:
    put_judgements(
        settings, [r for c in CENTRES[:7] for r in judged(SUNDAY, View("police", 12, "above"), centre=c)]
    )
    reasons = decide_on(settings, SUNDAY)
    assert reasons.pop("everywhere/2026-03-28/nte-violence@2026-03-29") == "first"
    assert list(reasons.values()) == ["grouped"] * 7
    steps.write_messages(settings, AREA, morning(SUNDAY) + timedelta(hours=1))
    with open_warehouse(settings) as warehouse:
        said = dict(warehouse.read(OUTBOX).select("channel", "message").iter_rows())
    named = {
        channel: {c.name for c in AREA.current_centres if c.name in text} for channel, text in said.items()
    }
    assert len(named["#nte-police"]) == 7
    assert named["#nte-derby"] == {"Derby city centre"}
    assert said["#nte-derby"].count("nd 6 in other districts") == 2
    put_judgements(settings, judged(MONDAY, View("police", 12, "above", 0.7), centre=CENTRES[8]))
    reasons = decide_on(settings, MONDAY)
    assert reasons["everywhere/2026-03-28/nte-violence@2026-03-30"] == "rose"
    assert reasons[f"{CENTRES[8]}/2026-03-28/nte-violence@2026-03-30"] == "grouped"


def test_a_weekend_is_not_said_beside_its_own_night(settings: Settings) -> None:
    put_judgements(settings, judged(MONDAY, View("police", 14, "far_above")))
    put_windows(settings, [window("derby", "weekend", FRIDAY, SUNDAY, MONDAY)])
    assert decide_on(settings, MONDAY) == {
        "derby/2026-03-28/nte-violence@2026-03-30": "first",
        "derby/2026-03-27..2026-03-29/nte-violence@2026-03-30": "grouped",
    }
    with open_warehouse(settings) as warehouse:
        alerts = dict(warehouse.read(ALERTS).select("alert_id", "detectors").iter_rows())
    assert alerts["derby/2026-03-28/nte-violence"] == "night,weekend"


def test_a_weekend_whose_record_has_gone_since_it_was_scored_is_not_raised_by_the_old_score(
    settings: Settings,
) -> None:
    """Its night spoke for it, and is withdrawn on a morning on which no weekend is scored."""
    put_judgements(settings, judged(MONDAY, View("police", 14, "far_above")))
    put_windows(settings, [window("derby", "weekend", FRIDAY, SUNDAY, MONDAY)])
    put_judgements(settings, judged(TUESDAY, View("police", 4, "within", 0.7)))
    reasons = decide_on(settings, MONDAY, TUESDAY)
    assert reasons[f"derby/{SATURDAY}/nte-violence@{TUESDAY}"] == "withdrawn"
    assert f"derby/{FRIDAY}..{SUNDAY}/nte-violence@{TUESDAY}" not in reasons
    put_windows(settings, [window("derby", "weekend", FRIDAY, SUNDAY, TUESDAY + timedelta(days=1))])
    again = decide_on(settings, TUESDAY + timedelta(days=1))
    assert again[f"derby/{FRIDAY}..{SUNDAY}/nte-violence@{TUESDAY + timedelta(days=1)}"] == "first"


def test_a_night_that_stands_out_later_is_said_in_its_weekends_thread(settings: Settings) -> None:
    put_judgements(settings, judged(MONDAY, View("police", 8, "within")))
    put_windows(settings, [window("derby", "weekend", FRIDAY, SUNDAY, MONDAY)])
    decide_on(settings, MONDAY)
    put_judgements(settings, judged(TUESDAY, View("police", 12, "above", 0.78)))
    reasons = decide_on(settings, TUESDAY)
    assert reasons["derby/2026-03-28/nte-violence@2026-03-31"] == "grouped"
    assert reasons["derby/2026-03-27..2026-03-29/nte-violence@2026-03-31"] == "rose"


def test_four_weekends_are_said_once_although_the_window_slides(settings: Settings) -> None:
    first = window("derby", "four_weekends", date(2026, 3, 6), SUNDAY, MONDAY)
    put_windows(settings, [first])
    put_windows(
        settings, [window("derby", "four_weekends", date(2026, 3, 13), date(2026, 4, 5), date(2026, 4, 6))]
    )
    assert list(decide_on(settings, MONDAY, date(2026, 4, 6)).values()) == ["first", "unchanged", "grouped"]


def test_a_silenced_centre_is_decided_and_not_said_until_the_silence_ends(settings: Settings) -> None:
    silence = (
        "s1",
        "silence",
        "derby",
        "everywhere",
        morning(SATURDAY),
        morning(TUESDAY),
        "a fair",
        "U1",
        morning(SATURDAY),
        None,
    )
    with open_warehouse(settings) as warehouse:
        warehouse.append(SILENCES, pl.DataFrame([silence], schema=SILENCES.schema, orient="row"))
    put_judgements(settings, judged(SUNDAY, View("police", 10, "above")))
    put_judgements(settings, judged(TUESDAY, View("police", 10, "above", 0.78)))
    reasons = list(decide_on(settings, SUNDAY, TUESDAY).values())
    assert reasons == ["silenced", "first"]


def test_an_acknowledged_alert_is_quiet_about_small_changes(settings: Settings) -> None:
    put_judgements(settings, judged(SUNDAY, View("police", 14, "far_above")))
    decide_on(settings, SUNDAY)
    answer = (
        "a1",
        "derby/2026-03-28/nte-violence",
        "acted_on",
        "patrol",
        "",
        "U1",
        morning(SUNDAY) + timedelta(hours=5),
        None,
    )
    with open_warehouse(settings) as warehouse:
        warehouse.append(
            ACKNOWLEDGEMENTS, pl.DataFrame([answer], schema=ACKNOWLEDGEMENTS.schema, orient="row")
        )
    put_judgements(settings, judged(MONDAY, View("police", 15, "far_above", 0.7)))
    assert decide_on(settings, MONDAY)["derby/2026-03-28/nte-violence@2026-03-30"] == "acknowledged"


EVENINGS = [date(2026, 3, 20) + timedelta(days=d) for d in (0, 1, 2, 7, 8, 9)]


def write_on(settings: Settings, day: date) -> None:
    """Decide a morning and write what it says, with an address that links lead to."""
    decide_on(settings, day)
    steps.write_messages(settings.model_copy(update={"base_url": "https://nte.example"}), AREA, morning(day))


def fill_a_day(settings: Settings) -> None:
    """Write a morning of six alerts in Derby: the last of them, Friday 27 March, is named in one line."""
    for evening in EVENINGS:
        n = 12 + evening.day % 3
        put_judgements(settings, judged(MONDAY, View("police", n, "above", p=0.004 / n), evening=evening))
    write_on(settings, MONDAY)


def test_a_full_day_ends_in_one_honest_line(settings: Settings) -> None:
    fill_a_day(settings)
    with open_warehouse(settings) as warehouse:
        outbox, alerts = warehouse.read(OUTBOX, "channel = '#nte-derby'"), warehouse.read(ALERTS)
    assert outbox.filter(pl.col("purpose") == "alert")["status"].to_list().count("pending") == 5
    overflow = outbox.filter(pl.col("purpose") == "overflow")["message"][0]
    assert "1 more alert this morning" in overflow
    assert "Derby city centre (Friday 27 March): more violence than expected." in overflow
    assert "https://nte.example/weekend/2026-03-27" in overflow
    assert say_still_open(outbox, alerts, {}, since=EVENINGS[0])["#nte-derby"][-1] == "and 1 more"
    assert told_in_channels(outbox.filter(pl.col("alert_id") != "")).height == 6
    put_judgements(settings, judged(TUESDAY, View("police", 4, "within", 0.7), evening=FRIDAY))
    write_on(settings, TUESDAY)
    with open_warehouse(settings) as warehouse:
        outbox, alerts = warehouse.read(OUTBOX, "channel = '#nte-derby'"), warehouse.read(ALERTS)
    gone = outbox.filter(pl.col("purpose") == "overflow").sort("sequence")["message"].to_list()[1:]
    assert [Message.model_validate_json(text).spoken for text in gone] == [
        "Named in one line before, now withdrawn: Derby city centre (Friday 27 March)."
    ]
    assert len(say_still_open(outbox, alerts, {}, since=EVENINGS[0])["#nte-derby"]) == 5


def test_what_was_named_in_one_line_has_a_message_of_its_own_once_it_is_far_above(settings: Settings) -> None:
    fill_a_day(settings)
    silent = {
        "silence_id": "s", "kind": "silence", "centre_code": "derby", "channel": "#nte-derby", "why": "",
        "starts_at": morning(MONDAY), "made_at": morning(MONDAY), "made_by": "U1",
    }  # fmt: skip
    with open_warehouse(settings) as warehouse:
        warehouse.append(SILENCES, pl.DataFrame([silent], schema=SILENCES.schema))
    for day, n in ((TUESDAY, 19), (TUESDAY + timedelta(days=1), 20)):
        put_judgements(settings, judged(day, View("police", n, "far_above", 0.8), evening=FRIDAY))
        write_on(settings, day)
    with open_warehouse(settings) as warehouse:
        said = warehouse.read(OUTBOX, "channel = '#nte-derby'").sort("sequence")
    own = said.filter(alert_id=f"derby/{FRIDAY}/nte-violence")
    named, head, reply, edit = own.select("kind", "status", "head_id", "message_id", "message").rows(
        named=True
    )
    assert (named["status"], head["status"], reply["status"]) == ("not_posted", "pending", "pending")
    assert [row["kind"] for row in (head, reply, edit)] == ["head", "reply", "edit"]
    assert reply["head_id"] == edit["head_id"] == head["message_id"]
    message = Message.model_validate_json(head["message"])
    assert message.headline == "Derby city centre: far more violence than expected"
    assert message.note.endswith("Far above is said all the same.")
    assert ONLY_NAMED in head["message"]
    assert said.filter(purpose="overflow").height == 1


def test_another_town_centre_of_many_that_is_far_above_is_said_whoever_acts_on_them(
    settings: Settings,
) -> None:
    views = [View("police", 12, "above" if n else "far_above") for n in range(7)]
    rows = [r for c, view in zip(CENTRES, views, strict=False) for r in judged(SUNDAY, view, centre=c)]
    put_judgements(settings, rows)
    decide_on(settings, SUNDAY)
    many = f"everywhere/{SATURDAY}/nte-violence"
    answer = {
        "acknowledgement_id": "a", "alert_id": many, "kind": "acted_on", "actions": "", "note": "", "made_by": "U1",
        "made_at": morning(SUNDAY),
    }  # fmt: skip
    with open_warehouse(settings) as warehouse:
        warehouse.append(ACKNOWLEDGEMENTS, pl.DataFrame([answer], schema=ACKNOWLEDGEMENTS.schema))
    put_judgements(settings, judged(MONDAY, View("police", 12, "far_above", 0.7), centre=CENTRES[1]))
    assert decide_on(settings, MONDAY)[f"{many}@{MONDAY}"] == "rose"


def test_a_run_between_two_mornings_adds_decisions_and_replaces_none(settings: Settings) -> None:
    put_judgements(settings, judged(SUNDAY, View("police", 10, "above")))
    decide_on(settings, SUNDAY)
    noon = morning(SUNDAY) + timedelta(hours=6)
    put_judgements(settings, [View("police", 14, "far_above").row(SATURDAY, "derby", noon)])
    steps.decide_alerts(settings, AREA, noon)
    assert read(settings).filter(pl.col("alert_id") != "").select("decision_id", "reason").rows() == [
        ("derby/2026-03-28/nte-violence@2026-03-29", "first"),
        ("derby/2026-03-28/nte-violence@2026-03-29T11:00:00Z", "rose"),
    ]


def test_nobody_is_told_of_a_night_that_is_not_known(settings: Settings) -> None:
    put_judgements(settings, judged(SUNDAY, View("police", None, "unknown", why="late")))
    assert decide_on(settings, SUNDAY) == {}
