"""The outlook on Thursday and the digest on Monday: once a channel, only when they are due."""

import struct
from datetime import date, timedelta

import polars as pl
import pytest

from alerts import steps
from alerts.slack.door import SlackAccess
from alerts.weekends.outlook import nights_to_draw
from alerts.weekends.weekend import due_digest, due_outlook
from alerts.words.message import Message
from nte.settings import Settings
from nte.tables.alerts import ACKNOWLEDGEMENTS, OUTBOX
from nte.tables.bands import BANDS
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.warehouse import open_warehouse
from tests.alerts.block_kit import faults
from tests.alerts.scenes import AREA, View, as_slack, band_score, judged, morning, put_judgements, put_scores
from tests.alerts.slack_server import Workspace

FRIDAY = date(2026, 4, 3)
SUNDAY, MONDAY = date(2026, 3, 29), date(2026, 3, 30)
MONDAY_AT_7 = morning(MONDAY) + timedelta(hours=1)
THURSDAY_AT_16 = morning(date(2026, 4, 2)) + timedelta(hours=10)


def put_bands(settings: Settings) -> None:
    """Write the bands of the coming weekend, with a busy Good Friday, and of the weeks before it."""
    evenings = [FRIDAY + timedelta(days=d - 7 * w) for w in range(10) for d in range(3)]
    rows = [
        (
            e,
            c,
            "police",
            "nte-violence",
            9.0 if e == FRIDAY else 5.0,
            0,
            11,
            12,
            0.001,
            "stands",
            5.0,
            1.6,
            300,
            e,
            e,
            morning(e),
            False,
            morning(e),
            "1",
        )
        for e in evenings
        for c in ("derby", "chesterfield")
    ]
    with open_warehouse(settings) as warehouse:
        warehouse.append(BANDS, pl.DataFrame(rows, schema=BANDS.schema, orient="row"))


def texts(settings: Settings) -> dict[str, str]:
    """Return each channel's text, checked against Slack's limits."""
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX)
    messages = dict(zip(outbox["channel"], as_slack(outbox), strict=True))
    assert all(not faults(message) for message in messages.values())
    return {channel: message["text"] for channel, message in messages.items()}


def digest_in(settings: Settings, channel: str) -> str:
    """Return what the digest of a channel says, as it is read out."""
    with open_warehouse(settings) as warehouse:
        [text] = warehouse.read(OUTBOX, "purpose = 'digest' AND channel = ?", [channel])["message"]
    return Message.model_validate_json(text).spoken


@pytest.mark.parametrize(
    ("hours", "is_due"), [(-1, False), (0, True), (20, True), (25.9, True), (26, False), (60, False)]
)
def test_the_outlook_is_due_from_thursday_16_until_the_first_night_opens(hours: float, is_due: bool) -> None:
    assert (due_outlook(AREA, THURSDAY_AT_16 + timedelta(hours=hours)) is not None) is is_due


@pytest.mark.parametrize(
    ("day", "is_due"), [(date(2026, 3, 29), False), (MONDAY, True), (date(2026, 4, 1), False)]
)
def test_the_digest_is_due_when_the_last_night_has_ended(day: date, is_due: bool) -> None:
    due = due_digest(AREA, morning(day) + timedelta(hours=1))
    assert (due is not None) is is_due
    if due:
        assert due.evenings[-1] == date(2026, 3, 29)


def test_the_outlook_says_what_is_special_and_what_is_busier_than_usual(settings: Settings) -> None:
    put_bands(settings)
    assert steps.write_bulletins(settings, AREA, THURSDAY_AT_16) == 10
    assert steps.write_bulletins(settings, AREA, THURSDAY_AT_16 + timedelta(hours=5)) == 0
    derby = texts(settings)["#nte-derby"]
    assert (
        "Friday 3 April · bank holiday: Derby city centre: about 9, busier than most (about 5), seldom over 11."
        in derby
    )
    assert "Seldom: at most one such night in 100." in derby
    assert "seldom over 11, alert above 12" in texts(settings)["#nte-police"]
    assert "Chesterfield" not in derby


def test_the_outlook_names_what_of_last_weekend_still_fills_high(settings: Settings) -> None:
    put_bands(settings)
    high = judged(date(2026, 4, 1), View("police", 8, "within", 0.7))
    put_judgements(settings, [row | {"stands_chance": 0.43} for row in high])
    steps.write_bulletins(settings, AREA, THURSDAY_AT_16)
    line = "Last weekend, filling high, no alert: Derby city centre, Saturday 28 March: Police 8 so far, 4 in 10 to"
    said = texts(settings)
    assert line in said["#nte-derby"]
    assert line in said["#nte-police"]
    assert "filling high" not in said["#nte-chesterfield"]


def test_there_is_no_outlook_before_the_bands_are_issued(settings: Settings) -> None:
    assert steps.write_bulletins(settings, AREA, THURSDAY_AT_16) == 0


def put_counts(settings: Settings, *counts: tuple[date, int]) -> None:
    """Write police counts of Derby, each known from the morning after."""
    rows = [
        (e, "derby", "police", "nte-violence", n, True, morning(e + timedelta(days=1))) for e, n in counts
    ]
    with open_warehouse(settings) as warehouse:
        warehouse.append(
            NIGHT_COUNT_REVISIONS, pl.DataFrame(rows, schema=NIGHT_COUNT_REVISIONS.schema, orient="row")
        )


def say_acted_on(settings: Settings) -> None:
    """Say that somebody acts on Saturday's alert."""
    answer = ("a1", "derby/2026-03-28/nte-violence", "acted_on", "", "", "the night team", MONDAY_AT_7, None)
    with open_warehouse(settings) as warehouse:
        warehouse.append(
            ACKNOWLEDGEMENTS, pl.DataFrame([answer], schema=ACKNOWLEDGEMENTS.schema, orient="row")
        )


def test_the_digest_says_what_was_above_and_who_acts_on_it(settings: Settings) -> None:
    put_bands(settings)
    put_judgements(
        settings,
        judged(
            MONDAY,
            View("police", 14, "far_above"),
            View("emas", 3, "within"),
            View("ae", None, "unknown", why="late"),
        ),
    )
    steps.decide_alerts(settings, AREA, MONDAY_AT_7)
    steps.write_messages(settings, AREA, MONDAY_AT_7)
    say_acted_on(settings)
    settings = settings.model_copy(update={"base_url": "https://nte.example"})
    assert steps.write_bulletins(settings, AREA, MONDAY_AT_7) == 11
    with open_warehouse(settings) as warehouse:
        linked = warehouse.read(
            OUTBOX, "purpose = 'digest' AND contains(message, 'nte.example/weekend/2026-03-27')"
        )
    assert linked.height == 10, "ops are told of no weekend"
    derby = digest_in(settings, "#nte-derby")
    assert "Derby, 27 to 29 March: 1 night above what was expected." in derby
    assert (
        "Derby city centre, Saturday 28 March: Police 14 so far, about 3 times the usual (about 5), alert above 9"
    ) in derby
    acts = "far more violence than expected, Saturday 28 March: is being acted on since Mon 30 Mar, 07:00, says the"
    assert f"Open alerts: Derby city centre: {acts} night team" in derby
    assert "Not known yet: A&E: Saturday 28 March" in derby
    assert "Usually in by now, last night to first: Police 65 %, Ambulance 91 %." in derby
    assert "Police at 1.6 times the usual in Derby city centre." in derby
    assert "Derby" not in digest_in(settings, "#nte-chesterfield")


def test_a_channel_never_learns_that_others_were_told_before_it(settings: Settings) -> None:
    """On Monday the police alone may know; on Tuesday morning the district hears of it for the first time."""
    put_bands(settings)
    put_judgements(settings, judged(MONDAY, View("police", 4, "above", chance=0.9)))
    steps.decide_alerts(settings, AREA, MONDAY_AT_7)
    steps.write_messages(settings, AREA, MONDAY_AT_7)
    say_acted_on(settings)
    tuesday = MONDAY + timedelta(days=1)
    put_judgements(settings, judged(tuesday, View("police", 14, "far_above", chance=1.0)))
    at_seven = morning(tuesday) + timedelta(hours=1)
    steps.decide_alerts(settings, AREA, at_seven)
    steps.write_messages(settings, AREA, at_seven)
    steps.write_bulletins(settings, AREA, at_seven)
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX).sort("sequence")
    last = {
        (row["channel"], row["purpose"]): Message.model_validate_json(row["message"])
        for row in outbox.filter(pl.col("kind") != "reply").iter_rows(named=True)
    }
    police, derby = (last[channel, "alert"].model_dump_json() for channel in ("#nte-police", "#nte-derby"))
    assert "Being acted on" in police
    assert "the night team" not in derby
    assert "Monday" not in derby.replace("Monday 30 March, 06:00", "")
    digests = {channel: last[channel, "digest"].spoken for channel in ("#nte-police", "#nte-derby")}
    assert "the night team" in digests["#nte-police"]
    assert "nobody has said yet that they act on it" in digests["#nte-derby"]


def test_a_count_that_stands_in_an_alert_is_no_night_that_fills_high(settings: Settings) -> None:
    put_bands(settings)
    put_judgements(settings, judged(SUNDAY, View("police", 9, "above", 0.5, chance=0.9)))
    put_judgements(settings, judged(MONDAY, View("police", 9, "within", 0.5, chance=0.7)))
    steps.decide_alerts(settings, AREA, MONDAY_AT_7)
    steps.write_messages(settings, AREA, MONDAY_AT_7)
    steps.write_bulletins(settings, AREA, MONDAY_AT_7)
    derby = digest_in(settings, "#nte-derby")
    assert "Derby, 27 to 29 March: 1 night above what was expected." in derby
    assert "Filling high" not in derby


def test_a_quiet_weekend_is_its_counts_beside_the_weekend_before_and_the_year_before(
    settings: Settings,
) -> None:
    put_bands(settings)
    nights = zip((27, 28, 29), (12, 11, 3), strict=True)
    for day, n in nights:
        evening = date(2026, 3, day)
        put_judgements(settings, judged(MONDAY, View("police", n, "within"), evening=evening))
        put_counts(settings, (evening - timedelta(days=7), n + 6), (evening - timedelta(weeks=52), 4))
    steps.write_bulletins(settings, AREA, MONDAY_AT_7)
    line = "Derby city centre: Police Fri 12, Sat 11, Sun 3 so far (usually 5 each); the weekend before 18, 17, 9; "
    assert f"{line}a year before 4, 4, 4" in digest_in(settings, "#nte-police")
    derby = digest_in(settings, "#nte-derby")
    assert derby.startswith(
        "Derby, 27 to 29 March: nothing above so far in what may be said. Derby city centre: Police Fri 12, Sat 11, "
    )
    assert "Derby and Derbyshire, 27 to 29 March: a quiet weekend so far" in digest_in(
        settings, "#nte-police"
    )
    assert "Sun fewer than 5 so far (usually 5 each); the weekend before 18, 17, 9; " in derby
    assert "a year before fewer than 5 on each night" in derby
    with open_warehouse(settings) as warehouse:
        [text] = warehouse.read(OUTBOX, "channel = '#nte-derby'")["message"]
    message = Message.model_validate_json(text)
    assert (len(message.views), len(message.views[0])) == (1, 1), "two lines, the headline and the counts"


def test_the_digest_never_says_quiet_of_a_night_that_is_not_known(settings: Settings) -> None:
    put_bands(settings)
    unusable = View("police", None, "unknown", why="unusable")
    put_judgements(settings, judged(MONDAY, unusable, View("emas", 3, "within")))
    steps.write_bulletins(settings, AREA, MONDAY_AT_7)
    derby = digest_in(settings, "#nte-derby")
    assert "Derby, 27 to 29 March: nothing above so far in what is known and may be said." in derby
    assert (
        "Not known yet: Police: Saturday 28 March (its delivery is here, and what it says of the night cannot be used; "
        "ask crime data team, Derbyshire Constabulary)"
    ) in derby
    assert "quiet" not in derby
    assert digest_in(settings, "#nte-chesterfield").startswith("Chesterfield, 27 to 29 March: not known yet.")


def test_how_past_bands_have_done_is_for_ops_alone(settings: Settings) -> None:
    put_bands(settings)
    put_judgements(settings, judged(MONDAY, View("police", 4, "within")))
    put_scores(settings, band_score(MONDAY, span="last 8 weekends"))
    put_scores(settings, band_score(MONDAY + timedelta(days=7), span="last 8 weekends", n_exceedances=40))
    steps.write_bulletins(settings, AREA, MONDAY_AT_7)
    said = {channel: digest_in(settings, channel) for channel in texts(settings)}
    assert said[AREA.slack.ops_channel] == (
        "How the bands have done in the whole area, last 8 complete weekends: 97 of 100 counts lay within the "
        "band that promises 96. 3 stood above the alert limit; chance alone brings about 2, and 1.4 are budgeted."
    )
    assert [channel for channel, text in said.items() if "bands" in text] == [AREA.slack.ops_channel]


def test_the_outlook_has_one_picture_of_forecasts_that_slack_gets(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_bands(settings)
    put_judgements(settings, judged(MONDAY, View("police", 14, "far_above"), View("ae", 3, "within")))
    steps.write_bulletins(settings, AREA, THURSDAY_AT_16)
    steps.post_pending(settings, AREA, THURSDAY_AT_16, access, pace_seconds=0)
    (derby,) = workspace.posts("#nte-derby")
    (image,) = (block for block in derby["blocks"] if block["type"] == "image")
    picture = workspace.files[image["slack_file"]["id"]]
    width, height = struct.unpack(">II", picture[16:24])
    assert picture.startswith(b"\x89PNG")
    assert 600 < width < 1300
    assert height < 2 * width
    assert "14" not in image["alt_text"]
    # Districts without a band have nothing to draw, and are told so little.
    assert all(b["type"] != "image" for b in workspace.posts("#nte-erewash")[0]["blocks"])
    assert not workspace.faults


def test_the_picture_of_the_outlook_shows_the_busiest_places_and_no_health_source() -> None:
    frame = pl.DataFrame(
        [
            (FRIDAY, f"c{n}", source, float(n), 0, 9, 1.0, False)
            for n in range(9)
            for source in ("police", "ae")
        ],
        schema=["evening", "centre_code", "source", "expected", "lower", "upper", "usual", "is_busier"],
        orient="row",
    )
    codes = [f"c{n}" for n in range(9)]
    shown = nights_to_draw(AREA, frame, codes)
    assert shown["centre_code"].to_list() == ["c8", "c7", "c6", "c5", "c4", "c3"]
    assert set(shown["source"]) == {"police"}


def test_districts_that_share_a_channel_get_one_message_about_both(settings: Settings) -> None:
    put_bands(settings)
    channels = AREA.slack.district_channels | {"Chesterfield": "#nte-derby"}
    area = AREA.model_copy(update={"slack": AREA.slack.model_copy(update={"district_channels": channels})})
    assert steps.write_bulletins(settings, area, THURSDAY_AT_16) == 9
    assert "Derby city centre" in texts(settings)["#nte-derby"]
    assert "Chesterfield" in texts(settings)["#nte-derby"]
