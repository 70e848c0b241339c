"""Who sees what of the pages: a reader learns no more from them than from the channels of the same audience."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from nte.area import Area
from nte.readers import EVERYTHING, Reader, reader_of
from nte.settings import Settings
from nte.tables.alerts import ACKNOWLEDGEMENTS, OUTBOX
from nte.tables.counts import NIGHT_COUNT_REVISIONS, NIGHT_COUNTS
from nte.tables.judgements import JUDGEMENTS
from nte.warehouse import open_warehouse
from nte.words import Audience
from reports.pages import ForOthersError
from reports.steps import delivery_page, messages_page, night_page, publish_warehouse, weekend_page
from reports.told import Told
from tests.reports.house import ALERT, AREA, AS_OF, FRIDAY, GOOD, SATURDAY, SUNDAY, furnish

NOW = AS_OF + timedelta(hours=3)
DERBY = Reader(Audience.LICENSING, frozenset({"Derby"}))
POLICE = Reader(Audience.POLICE)
COUNTED = (NIGHT_COUNTS, NIGHT_COUNT_REVISIONS, JUDGEMENTS)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL))


def weekend(settings: Settings, reader: Reader) -> str:
    return weekend_page(settings, AREA, None, reader=reader, now=NOW, root="./")


def night(settings: Settings, reader: Reader, evening: date = SATURDAY, centre: str = "derby") -> str:
    return night_page(settings, AREA, evening, centre, reader=reader, now=NOW, root="./")


def recount(settings: Settings, n_incidents: int, verdict: str) -> None:
    """Make Derby's ambulance count of the Friday another one, wherever it stands, and publish it."""
    where, key = "evening = ? AND centre_code = 'derby' AND source = 'emas'", [FRIDAY]
    with open_warehouse(settings) as warehouse:
        for table in COUNTED:
            rows = warehouse.read(table, where, key).with_columns(n_incidents=pl.lit(n_incidents))
            if "verdict" in rows.columns:
                rows = rows.with_columns(
                    verdict=pl.lit(verdict), p_value=pl.lit(0.0001), stands_chance=pl.lit(0.5)
                )
            warehouse.replace(table, rows, where, key)
    publish_warehouse(settings, AREA, AS_OF)


@pytest.mark.parametrize("reader", [DERBY, POLICE], ids=["licensing", "police"])
def test_nothing_on_a_page_depends_on_a_count_that_its_reader_may_not_know(
    reader: Reader, tmp_path: Path
) -> None:
    settings = furnish(tmp_path)
    seen = []
    for n_incidents, verdict in ((0, "within"), (7, "far_above")):
        recount(settings, n_incidents, verdict)
        pages = [weekend(settings, reader), night(settings, reader), night(settings, reader, FRIDAY)]
        seen.append([re.sub(r"Copy made [^.]*\.", "", page) for page in pages])
        assert "fewer than 8" in words(pages[2])
    assert seen[0] == seen[1]
    assert "Ambulance 7" in words(weekend(settings, EVERYTHING))


def test_a_licensing_viewer_reads_what_the_channel_says(settings: Settings) -> None:
    html = night(settings, DERBY)
    said = words(html)
    assert "Police 19 so far, far above" in said
    assert "rarer than one such night in 10 years" in said
    assert "Ambulance fewer than 8 so small a count is not shown, nor how it stands to its band" in said
    # The nights before, of which the police had 0 to 2: in words, with no dot and no limit.
    assert "Fri 27 Mar 2026: fewer than 5, expected 4.8, band 0 to 10" in said
    assert "Fri 27 Mar 2026: fewer than 5, expected 4.8, band 0 to 10, alert" not in said
    assert "Fri 27 Mar 2026: 1" in words(night(settings, EVERYTHING))


def test_a_police_lead_sees_police_counts_and_no_small_health_count(settings: Settings) -> None:
    said = words(weekend(settings, POLICE))
    assert "Chesterfield" in said
    assert re.search(r"Police [012] 0\.7", said)
    assert not re.search(r"(Ambulance|A&amp;E|A&E) [0-7] ", said)


def test_a_licensing_viewer_sees_the_own_district_alone(settings: Settings) -> None:
    html = weekend(settings, DERBY)
    assert 'id="derby"' in html
    assert "Chesterfield" not in html
    with pytest.raises(ForOthersError, match=r"lies in Chesterfield. Ask the team .* under \[readers\]"):
        night(settings, DERBY, centre="chesterfield")


def test_what_feeds_brought_is_for_those_who_keep_the_service(settings: Settings) -> None:
    html = weekend(settings, DERBY)
    assert "its delivery was refused" in html
    assert "delivery/" not in html
    assert "10 of 10" not in html
    assert "nobody had been told" not in night(settings, DERBY)
    with pytest.raises(ForOthersError):
        delivery_page(settings, AREA, GOOD, reader=DERBY)


def test_a_page_names_only_alerts_of_which_its_readers_channel_was_told(tmp_path: Path) -> None:
    settings = furnish(tmp_path)
    headline = "Derby city centre: more violence than expected (Saturday 28 March)"
    assert headline in weekend(settings, DERBY)
    assert "far more violence" not in weekend(settings, DERBY)
    assert "far more violence" in weekend(settings, EVERYTHING)
    with open_warehouse(settings) as warehouse:
        own = warehouse.read(OUTBOX, "channel = '#nte-derby'")
        warehouse.merge(OUTBOX, own.with_columns(status=pl.lit("not_posted")))
    publish_warehouse(settings, AREA, AS_OF)
    for html in (weekend(settings, DERBY), night(settings, DERBY)):
        assert headline not in html
        assert ALERT not in html
    assert headline in weekend(settings, POLICE)


def test_a_reader_gets_the_messages_of_the_own_channels(settings: Settings) -> None:
    for channel in ("#nte-derby", "#nte-erewash"):
        path = settings.messages_page(channel)
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"messages of {channel}", "utf-8")
    both = Reader(Audience.LICENSING, frozenset({"Derby", "Erewash"}))
    assert messages_page(settings, AREA, None, reader=DERBY, root="./") == "messages of #nte-derby"
    listed = messages_page(settings, AREA, None, reader=both, root="./")
    assert 'href="./messages/nte-erewash"' in listed
    assert messages_page(settings, AREA, "nte-erewash", reader=both, root="../").endswith("#nte-erewash")
    for others in ("nte-erewash", "nte-police", "../slack"):
        with pytest.raises(ForOthersError, match="no channel of yours"):
            messages_page(settings, AREA, others, reader=DERBY, root="../")


@pytest.mark.parametrize(
    ("user", "roles", "reader"),
    [
        ("nte", ["admin"], EVERYTHING),
        ("someone", ["Op"], EVERYTHING),
        ("someone", ["viewer"], None),
        ("someone", [], None),
        ("licensing-derby", ["viewer"], DERBY),
        ("someone", ["Viewer", "licensing-derby"], DERBY),
        ("police", ["admin"], POLICE),
        (
            "someone",
            ["licensing-derby", "licensing-erewash"],
            Reader(Audience.LICENSING, frozenset({"Derby", "Erewash"})),
        ),
        ("someone", ["licensing-derby", "police"], POLICE),
    ],
)
def test_the_area_file_says_who_sees_what_by_the_name_or_the_role_in_airflow(
    user: str, roles: list[str], reader: Reader | None
) -> None:
    assert reader_of(AREA, user, roles) == reader


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"audience": "licensing"}, "needs its districts"),
        ({"audience": "police", "districts": ["Derby"]}, "names none"),
        ({"audience": "licensing", "districts": ["Nowhere"]}, "no town centre lies in 'Nowhere'"),
    ],
)
def test_a_reader_who_could_see_nothing_is_a_mistake_in_the_area_file(
    rule: dict[str, object], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        Area.model_validate(AREA.model_dump() | {"readers": {"x": rule}})


def test_quiet_places_are_folded_on_a_phone_and_what_stands_out_is_not(settings: Settings) -> None:
    html = weekend(settings, EVERYTHING)
    assert "18 town centres where nothing stands out" in html
    assert '<tr id="derby">' in html
    assert html.count('class="calm"') == 18
    assert "<label" not in weekend(settings, DERBY)


def answer(
    name: str, kind: str, made_at: datetime, actions: str = "", channel: str | None = None
) -> dict[str, object]:
    return {
        "acknowledgement_id": name, "alert_id": ALERT, "kind": kind, "actions": actions, "note": "",
        "made_by": name, "made_at": made_at, "channel": channel,
    }  # fmt: skip


def test_a_viewer_reads_what_the_own_channel_answered_and_nothing_from_before_it_was_told(
    tmp_path: Path,
) -> None:
    settings = furnish(tmp_path)
    answers = [
        answer("early", "known_event", AS_OF - timedelta(hours=9)),
        answer("later", "acted_on", AS_OF + timedelta(hours=1), "patrol,licensing_visit"),
        answer("asked", "not_useful", AS_OF + timedelta(hours=2)),
        answer("police", "too_late", AS_OF + timedelta(hours=2), channel="#nte-police"),
        answer("own", "useful", AS_OF + timedelta(hours=2), channel="#nte-derby"),
    ]
    with open_warehouse(settings) as warehouse:
        warehouse.append(ACKNOWLEDGEMENTS, pl.DataFrame(answers, schema=ACKNOWLEDGEMENTS.schema))
    publish_warehouse(settings, AREA, AS_OF)
    said, every = words(night(settings, DERBY)), words(night(settings, EVERYTHING))
    assert "It is being acted on (patrol, licensing visit) (later," in said
    assert "It is explained by a known event (early," in every
    assert "It was useful (own," in said
    assert "It was useful (own in #nte-derby," in every
    assert "It was not useful (asked," in every
    assert "It came too late to be useful (police in #nte-police," in every
    assert "early" not in said
    assert "asked" not in said
    assert "too late" not in said


def test_a_night_that_filled_high_on_a_morning_is_read_so_and_its_chance_by_nobody_who_may_not(
    settings: Settings,
) -> None:
    assert "7, filling high (4 in 10)" in words(night(settings, EVERYTHING, SUNDAY))
    hidden = Told(AREA, DERBY).judged(
        {"source": "emas", "n_incidents": 7, "verdict": "within", "stands_chance": 0.4}
    )
    assert (hidden["verdict"], hidden["stands_chance"]) == (None, None)
