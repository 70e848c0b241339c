"""What the pages say: in words, never zero for unknown, nothing unescaped."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from alerts.nights.message import ACTIONS
from alerts.words.message import LIFT, SILENCE
from nte.english import FILLING_HIGH, HOW_UNUSUAL, say_chance, say_seldom
from nte.night_chart import night_chart
from nte.readers import EVERYTHING, Reader
from nte.settings import Settings
from nte.tables.alerts import SILENCES
from nte.tables.counts import NIGHT_COUNT_REVISIONS, NIGHT_COUNTS
from nte.tables.deliveries import VERDICTS
from nte.warehouse import open_warehouse
from nte.words import Audience, Reason, WhyUnknown
from reports.as_read import AsRead, said_of_nights
from reports.night_state import Published, Row, SourceNight, State, source_nights
from reports.night_view import PICTURE, rarity_of
from reports.pages import NothingPublishedError, NotThereError
from reports.steps import (
    FOR_LEADS,
    as_leads_read,
    delivery_page,
    for_leads_page,
    messages_page,
    night_page,
    publish_warehouse,
    runbook_page,
    weekend_page,
)
from reports.told import Told
from tests.reports.house import AREA, AS_OF, FRIDAY, GOOD, HOSTILE, MONDAY, REFUSED, SATURDAY, SUNDAY, furnish

NOW = AS_OF + timedelta(hours=3)


def weekend(settings: Settings, evening: date | None = None, now: datetime = NOW) -> str:
    return weekend_page(settings, AREA, evening, reader=EVERYTHING, now=now, root="./")


def night(settings: Settings, evening: date, centre: str) -> str:
    return night_page(settings, AREA, evening, centre, reader=EVERYTHING, now=NOW, root="../../")


def row_of(html: str, centre: str) -> str:
    """Return a town centre's row of the weekend's table, without markup."""
    [row] = re.findall(rf'<tr id="{centre}"[^>]*>.*?</tr>', html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))


def card_of(html: str, source: str) -> str:
    cards = re.findall(r'<section class="card.*?</section>', html, flags=re.DOTALL)
    [card] = [c for c in cards if f"<h3>{source}</h3>" in c]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card))


def test_the_first_page_is_the_latest_weekend_with_bands(settings: Settings) -> None:
    html = weekend(settings)
    assert "<h1>27 to 29 March 2026</h1>" in html
    assert "Saturday 28 March" in html


def test_the_pages_of_simulated_deliveries_say_so_at_their_top(settings: Settings) -> None:
    assert "Simulated" not in weekend(settings) + night(settings, SATURDAY, "derby")
    settings.simulated_file.write_text("{}", encoding="utf-8")
    try:
        for html in (weekend(settings), night(settings, SATURDAY, "derby")):
            assert "Simulated figures, made to show" in html.split("<nav")[0]
    finally:
        settings.simulated_file.unlink()


def test_each_source_stands_beside_the_others_with_its_band_and_verdict_in_words(settings: Settings) -> None:
    row = row_of(weekend(settings), "derby")
    assert "Police 19 4.8 (0–10) alert &gt; 12 far above" in row
    assert "A&amp;E 11 4.8 (0–10) alert &gt; 12 above" in row
    assert "as expected" in row


def test_an_unknown_count_is_never_shown_as_zero(settings: Settings) -> None:
    html = weekend(settings)
    sunday = row_of(html, "derby").rsplit("Police", 1)[1]
    assert "Ambulance not known" in sunday
    assert "That is not an all-clear" in html


def test_whoever_reads_that_a_night_is_not_known_reads_whom_to_ask(settings: Settings) -> None:
    ask = f"ask {AREA.sources['emas'].contact}"
    html = weekend_page(settings, AREA, None, reader=Reader(Audience.POLICE), now=NOW, root="./")
    before, feeds = html.split('<h2 id="feeds">')
    assert f"<li>Ambulance: Sun 29 Mar (its delivery is late; {ask}).</li>" in before
    assert re.search(f"not or partly known: [^<]*{SUNDAY:%a %d %b}[^<]*; {re.escape(ask)}<", feeds)
    assert f"its delivery is late; {ask}" in card_of(night(settings, SUNDAY, "derby"), "Ambulance")
    assert "; ask" not in card_of(night(settings, SUNDAY, "derby"), "Police")


def test_nobody_is_asked_for_what_will_be_known_by_itself() -> None:
    asked = {why for why in WhyUnknown if AREA.ask_about("police", why)}
    assert set(WhyUnknown) - asked == {WhyUnknown.NOT_DUE, WhyUnknown.TOO_EARLY}
    assert AREA.ask_about("police", None) == f"; ask {AREA.sources['police'].contact}"


def test_a_place_that_a_source_does_not_serve_has_no_data_rather_than_none(settings: Settings) -> None:
    html = weekend(settings)
    assert "Ambulance no data possible" in row_of(html, "glossop")
    assert "Glossop" in re.findall(r'<h2 id="feeds">.*', html, flags=re.DOTALL)[0]


def test_what_stands_out_is_said_first_the_furthest_above_at_the_top(settings: Settings) -> None:
    said = weekend(settings).split("What stands out")[1].split("By town centre")[0]
    assert "Derby city centre, Saturday 28 March" in said
    assert 'far more violence than expected</a> <span class="soft">(open)' in said
    assert "Chesterfield" not in said
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", said))
    assert (
        "Police 19 so far (expected 4.8, alert above 12), A&amp;E 11 so far (expected 4.8, alert above 12)"
        in shown
    )


def test_a_count_that_may_well_end_above_its_limit_is_filling_high_and_not_above(settings: Settings) -> None:
    html = weekend(settings)
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
    line = (
        "Derby city centre, Sunday 29 March: Police 7 so far, 4 in 10 to end above its limit (alert above 12)"
    )
    assert f"Filling high, no alert: {line}" in said
    assert "Police 7 4.8 (0–10) alert &gt; 12 filling high" in row_of(html, "derby")


def test_completeness_of_each_night_is_what_is_usually_known_at_its_age(settings: Settings) -> None:
    heads = weekend(settings).split("<thead>")[1].split("</thead>")[0]
    assert [s.replace("\u00a0", " ") for s in re.findall(r"Police (\d+\u00a0%)", heads)] == [
        "74 %",
        "62 %",
        "50 %",
    ]


def test_a_night_that_is_not_over_is_to_come_and_has_no_count() -> None:
    band = {"expected": 4.8, "lower": 0, "upper": 10}
    count = {"n_incidents": 0, "is_covered": True}
    keys = [(FRIDAY, "derby", "police"), (SATURDAY, "derby", "police")]
    judgement = {"verdict": "within", "why_unknown": None}
    known = Published(
        dict.fromkeys(keys, count), dict.fromkeys(keys, band), dict.fromkeys(keys, judgement),
        as_of=AREA.clock.morning_of(SATURDAY),
    )  # fmt: skip
    derby = next(c for c in AREA.current_centres if c.centre_code == "derby")
    friday, saturday = (source_nights(AREA, derby, evening, known)[0] for evening in (FRIDAY, SATURDAY))
    assert (friday.state, friday.has_count) == (State.WITHIN, True)
    assert (saturday.state, saturday.has_count) == (State.TO_COME, False)


def said(reason: str, day: date, **verdicts: str) -> Row:
    """Return what was said of Derby's Saturday on a morning, its sources by their verdicts."""
    views = [{"source": source, "verdict": verdict} for source, verdict in verdicts.items()]
    night = {"evening": str(SATURDAY), "centre_code": "derby", "sources": views}
    facts = json.dumps({"detector": "night", "nights": [night]})
    return {
        "alert_id": "a",
        "decided_as_of": AREA.clock.morning_of(day),
        "reason": reason,
        "facts": facts,
    }


def states(
    read: AsRead, reader: Reader = EVERYTHING, n: int = 9, verdict: str = "within"
) -> dict[str, tuple[State, str]]:
    """Return how Derby's Saturday is shown, of which each source has so many and fills high."""
    keys = [(SATURDAY, "derby", source) for source in AREA.sources]
    row = {"n_incidents": n, "is_covered": True, "verdict": verdict, "why_unknown": None, "stands_chance": 0.5,
           "known_share": 0.6, "p_value": 0.02}  # fmt: skip
    band = {"expected": 4.8, "lower": 0, "upper": 10, "alert_limit": 12, "detectable_ratio": None}
    rows = {key: row | dict(zip(("evening", "centre_code", "source"), key, strict=True)) for key in keys}
    bands = {key: band | {"source": key[2]} for key in keys}
    told = Told(AREA, reader)
    seen = read.without_doubted(told.published(read.as_told(Published(rows, bands, rows, as_of=AS_OF))))
    derby = next(c for c in AREA.current_centres if c.centre_code == "derby")
    return {view.source: (view.state, view.why) for view in source_nights(AREA, derby, SATURDAY, seen)}


def test_a_count_that_stands_in_an_alert_is_above_and_another_that_fills_is_not() -> None:
    first, last = (
        said("first", SUNDAY, police="above", ae="within"),
        said("withdrawn", MONDAY, police="within"),
    )
    shown = states(AsRead((), said_of_nights([first])))
    assert (shown["police"][0], shown["ae"][0]) == (State.ABOVE, State.FILLING_HIGH)
    row = {
        "evening": SATURDAY,
        "centre_code": "derby",
        "source": "police",
        "verdict": "within",
        "p_value": 0.3,
    }
    told = AsRead((), said_of_nights([first])).judged_as_told(row, AS_OF)
    assert (told["verdict"], told["p_value"]) == ("above", None), "what is common is not told as above"
    assert states(AsRead((), said_of_nights([first, last])))["police"][0] is State.FILLING_HIGH
    fresh = said("fresh", MONDAY + timedelta(days=9), police="within")
    assert states(AsRead((), said_of_nights([first, fresh])))["police"][0] is State.ABOVE, "not known yet"


def test_a_night_with_far_too_few_incidents_in_the_whole_area_is_not_known() -> None:
    read = AsRead({("ae", SATURDAY)})
    shown = states(read)
    asks = AREA.ask_about("ae", WhyUnknown.UNUSABLE)
    assert shown["ae"] == (State.NOT_KNOWN, f"{WhyUnknown.UNUSABLE.meaning}{asks}")
    assert shown["police"][0] is State.FILLING_HIGH
    assert states(read, verdict="above")["ae"][0] is State.ABOVE
    police = Reader(Audience.POLICE, frozenset())
    for verdict in ("within", "above"):
        hidden = states(read, police, n=5, verdict=verdict)
        assert hidden["ae"][0] is State.NOT_KNOWN, (
            "whether a hidden count is above is not told by this either"
        )


def test_a_refused_feed_says_so_and_what_to_do(settings: Settings) -> None:
    feeds = weekend(settings).split('<h2 id="feeds">')[1]
    assert "its delivery was refused" in feeds
    assert feeds.count("its delivery is here") == 2
    assert "runbook#rejected-delivery" in feeds
    assert f"delivery/{GOOD}" in feeds


def test_text_from_a_feed_cannot_become_markup(settings: Settings) -> None:
    html = weekend(settings)
    assert HOSTILE not in html
    assert "&lt;script&gt;alert" in html
    assert html.count("<script>") == 1


def test_an_old_copy_says_since_when_it_knows_nothing(settings: Settings) -> None:
    assert "Nothing was judged since Monday 30 March, 06:00" not in weekend(settings)
    later = weekend(settings, now=AS_OF + timedelta(days=3))
    assert "Nothing was judged since Monday 30 March, 06:00" in later
    assert "As of Monday 30 March, 06:00" in later


def test_a_pause_stands_above_everything(settings: Settings, empty: Settings) -> None:
    assert "paused" not in weekend(settings)
    house = furnish(empty.home)
    paused = {
        "silence_id": "p", "kind": "pause", "centre_code": "everywhere", "channel": "everywhere", "starts_at": AS_OF,
        "ends_at": None, "why": HOSTILE, "made_by": "duty officer", "made_at": AS_OF, "lifted_by": None,
    }  # fmt: skip
    with open_warehouse(house) as warehouse:
        warehouse.append(SILENCES, pl.DataFrame([paused], schema=SILENCES.schema))
    publish_warehouse(house, AREA, AS_OF)
    html = weekend(house)
    assert "All alerts are paused since Monday 30 March, 06:00, by duty officer" in html.replace("&#39;", "'")
    assert HOSTILE not in html


def test_a_night_shows_each_source_and_how_rare_it_is(settings: Settings) -> None:
    html = night(settings, SATURDAY, "derby")
    police = card_of(html, "Police")
    assert "19 so far, far above" in police
    assert "rarer than one such night in 10 years" in police
    assert "Band 0 to 10" in police
    assert "<svg" in html
    assert "football home" in html


def test_the_page_for_leads_says_what_the_area_file_and_the_messages_say() -> None:
    text = FOR_LEADS.read_text("utf-8")
    html = for_leads_page(AREA, "./", reader=EVERYTHING)
    assert "about one alert in 30 days comes though nothing has" in html
    assert AREA.budget.false_alarms_per_30_days == 1.0
    assert f"Questions: ask {AREA.contacts.ops}." in html
    for phrase in (
        *(p for _, p in HOW_UNUSUAL if p),
        say_seldom(11),
        say_chance(0.8),
        "far more violence than expected",
    ):
        assert f"| {phrase} |" in text, phrase
    for title in (*ACTIONS.values(), *SILENCE.values(), *LIFT.values()):
        assert f"**{title}**" in text, title
    assert len(text.split()) < 650, "one page"


def test_the_limit_that_decides_stands_in_the_tables_and_in_the_picture(settings: Settings) -> None:
    assert "(expected 4.8, alert above 12)" in re.sub(r"<[^>]+>", "", weekend(settings))
    html = night(settings, SATURDAY, "derby")
    police = card_of(html, "Police")
    assert ">above 12</tspan>" in html
    assert "expected 4.8, band 0 to 10, alert above 12" in police


def test_a_count_between_band_and_limit_is_above_the_band_and_no_alert() -> None:
    band = {"lower": 0, "upper": 10, "alert_limit": 12}
    seen = SourceNight(
        "police", "Police", State.WITHIN, "", 11, band, {"p_value": 0.005, "stands_chance": 0.1}
    )
    assert seen.words == "above the band, no alert"
    assert rarity_of(seen, AREA) == "Above the band, no alert (about one such night in 15 months)."
    assert replace(seen, n_incidents=10).words == "as expected"
    assert replace(seen, state=State.ABOVE).words == "above"


def test_no_limit_is_drawn_beside_a_count_that_is_hidden() -> None:
    nights = [(SATURDAY - timedelta(days=7), 4.8, 0, 10, 12, 3), (SATURDAY, 4.8, 0, 10, 12, 19)]
    chart = night_chart(pl.DataFrame(nights, schema=PICTURE, orient="row"), SATURDAY, "Derby", least_shown=8)
    assert chart is not None
    drawn = [rows for rows in chart.to_dict()["datasets"].values() if "limit" in rows[0]]
    assert [[night["limit"] for night in rows] for rows in drawn] == [[None, 12.5]]


def test_a_night_shows_what_was_known_each_morning(settings: Settings) -> None:
    table = night(settings, SATURDAY, "derby").split("As known each morning")[1].split("Decisions")[0]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", table))
    assert "Sun 29 Mar, 06:00 14" in words
    assert "Mon 30 Mar, 06:00 19, far above" in words


def test_a_night_shows_every_decision_with_its_reason(settings: Settings) -> None:
    html = night(settings, SATURDAY, "derby")
    assert Reason.FIRST.meaning in html
    assert Reason.UNCHANGED.meaning in html


def test_an_unknown_night_has_no_dot_in_the_picture(settings: Settings) -> None:
    html = night(settings, SUNDAY, "derby")
    assert "not known" in card_of(html, "Ambulance")
    assert "Sun 29 Mar 2026: not known" in html


@pytest.mark.parametrize(
    ("evening", "centre"),
    [(MONDAY, "derby"), (SATURDAY, "nowhere"), (SATURDAY + timedelta(weeks=9), "derby"), (SATURDAY, "../x")],
)
def test_a_night_that_is_not_there_says_where_to_go(settings: Settings, evening: date, centre: str) -> None:
    with pytest.raises(NotThereError, match=r"[Cc]hoose one"):
        night(settings, evening, centre)


def test_a_weekend_that_is_not_there_says_which_are(settings: Settings) -> None:
    with pytest.raises(NotThereError, match="Choose one from 2025-12-19 to 2026-03-29"):
        weekend(settings, date(2020, 1, 3))


@pytest.mark.parametrize(
    "delivery_id", ["../slack", "..", "a/../../x", "nobody-00000000", "", "x" * 400, ".hidden"]
)
def test_a_delivery_that_is_not_there_is_not_looked_for_elsewhere(
    settings: Settings, delivery_id: str
) -> None:
    with pytest.raises(NotThereError, match="no page of this delivery"):
        delivery_page(settings, AREA, delivery_id, reader=EVERYTHING)


def test_the_written_pages_are_served_as_they_are(settings: Settings) -> None:
    assert delivery_page(settings, AREA, GOOD, reader=EVERYTHING) == (
        settings.reports / "deliveries" / f"{GOOD}.html"
    ).read_text("utf-8")
    assert messages_page(settings, AREA, None, reader=EVERYTHING, root="./") == (
        settings.reports / "slack.html"
    ).read_text("utf-8")


def test_before_the_first_copy_a_page_says_what_to_do(empty: Settings) -> None:
    with pytest.raises(NothingPublishedError, match="Put deliveries into the inbox"):
        weekend(empty)
    with pytest.raises(NotThereError, match="Run the DAG raise_alerts"):
        messages_page(empty, AREA, None, reader=EVERYTHING, root="./")


def test_a_copy_without_bands_says_what_to_do(empty: Settings) -> None:
    with open_warehouse(empty):
        pass
    publish_warehouse(empty, AREA, AS_OF)
    with pytest.raises(NothingPublishedError, match="Load each source's history file"):
        weekend_page(empty, AREA, None, reader=EVERYTHING, now=datetime.now(UTC), root="./")


def test_the_runbook_has_an_address_for_each_entry_and_no_html_of_its_own() -> None:
    html = runbook_page(AREA, "./", reader=EVERYTHING)
    assert '<h3 id="late-delivery">' in html
    assert '<a href="#take_deliveries">' in html
    assert '<h3 id="disk-is-full">' in html


def test_a_page_asks_nothing_of_the_internet(settings: Settings) -> None:
    for html in (
        weekend(settings),
        night(settings, SATURDAY, "derby"),
        runbook_page(AREA, "./", reader=EVERYTHING),
    ):
        assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", html) == []
        assert "@import" not in html


def test_a_held_delivery_says_on_the_weekend_why_and_what_to_do(tmp_path: Path) -> None:
    settings = furnish(tmp_path)
    with open_warehouse(settings) as warehouse:
        said = warehouse.read(VERDICTS, "delivery_id = ?", [REFUSED]).with_columns(
            verdict=pl.lit("held"), summary=pl.lit("12 known events under other ids")
        )
        warehouse.replace(VERDICTS, said, "delivery_id = ?", [REFUSED])
    publish_warehouse(settings, AREA, AS_OF)
    assert "12 known events under other ids" in weekend(settings)


def test_a_night_that_is_far_too_quiet_everywhere_is_known_on_no_page(tmp_path: Path) -> None:
    """The ambulance attends one incident a night in each town centre, and none anywhere on Saturday."""
    settings = furnish(tmp_path)
    is_quiet = (pl.col("source") == "emas") & pl.col("is_covered")
    n = pl.when(pl.col("evening") == SATURDAY).then(0).otherwise(1)
    with open_warehouse(settings) as warehouse:
        for table in (NIGHT_COUNTS, NIGHT_COUNT_REVISIONS):
            rows = warehouse.read(table)
            warehouse.replace(
                table, rows.with_columns(n_incidents=pl.when(is_quiet).then(n).otherwise("n_incidents"))
            )
    publish_warehouse(settings, AREA, AS_OF)
    html, page = weekend(settings), night(settings, SATURDAY, "derby")
    assert "Ambulance not known" in row_of(html, "derby").split("Saturday 28 March")[1].split("Sunday 29")[0]
    assert "Ambulance 1 " in row_of(html, "derby").split("Saturday 28 March")[0]
    assert f"Ambulance not known {WhyUnknown.UNUSABLE.meaning}" in card_of(page, "Ambulance")
    mornings = re.sub(r"<[^>]+>", " ", page.split("As known each morning")[1].split("Decisions")[0])
    assert re.sub(r"\s+", " ", mornings).endswith("19, far above not known 11, above ")
    assert 'title="Sat 28 Mar: not known"' in html


def test_the_terminal_reads_a_night_as_the_page_does(settings: Settings) -> None:
    nights = [
        (SATURDAY, "police", 19, "far_above"),
        (SUNDAY, "police", 7, "within"),
        (SUNDAY, "ae", 1, "within"),
    ]
    columns = ["evening", "source", "n_incidents", "verdict"]
    rows = pl.DataFrame(nights, columns, orient="row").with_columns(
        centre_code=pl.lit("derby"), why_not_judged=pl.lit(None, pl.String)
    )
    read = as_leads_read(settings, AREA, rows, AS_OF)
    assert read["verdict"].to_list() == ["far_above", FILLING_HIGH, "within"]
