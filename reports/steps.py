"""The steps of this room: the only file in it that opens a door."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

import polars as pl

from nte.area import Area, TownCentre
from nte.contacts import NOBODY_NAMED
from nte.due import read_deliveries
from nte.english import FILLING_HIGH, say_day
from nte.few_nights import read_doubted
from nte.files import write_text
from nte.interventions import Intervention
from nte.nights import LEAST_NIGHTS
from nte.outcomes import OUTCOMES
from nte.picture_span import first_shown
from nte.readers import Reader
from nte.service import read_service, service_problems
from nte.settings import CHECKOUT, Settings
from nte.tables import WAREHOUSE_TABLES
from nte.tables.effects import ACTED_ON, INTERVENTION_EFFECTS, INTERVENTION_PERIODS, INTERVENTION_PLACEBOS
from nte.tables.published import ALERT_CHANNELS, ALERT_OUTCOMES, INTERVENTIONS
from nte.warehouse import open_warehouse, publish_copy, read_published
from nte.words import Verdict, WhyUnknown
from reports import queries
from reports.as_read import GONE, UNKNOWN, AsRead, said_of_nights
from reports.board.tables import board_tables
from reports.feed_view import NIGHTS_SHOWN, feeds, recent_deliveries
from reports.interventions.table import interventions_frame
from reports.night_state import Published, Row, by_key, fills_high, key_of
from reports.night_view import view_night
from reports.notices import Notice, moment_of, notices
from reports.pages import ForOthersError, NothingPublishedError, NotThereError, render
from reports.runbook_page import render_runbook
from reports.told import Told, told_in_channels
from reports.views import NOT_JUDGED, published_views
from reports.weekend_view import view_weekend, weekend_of

RUNBOOK: Final = CHECKOUT / "docs" / "runbook.md"
FOR_LEADS: Final = CHECKOUT / "docs" / "for-leads.md"
DELIVERY_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
LONGEST_ID: Final = 200
ALERTS_SHOWN: Final = timedelta(weeks=4)


def publish_warehouse(settings: Settings, area: Area, now: datetime) -> dict[str, int]:
    """Swap in a fresh copy of the marts for analysts; return the number of rows of each table."""
    with open_warehouse(settings) as warehouse:
        tables = [
            (table.published, warehouse.read(table).select(table.published.names))
            for table in WAREHOUSE_TABLES
            if table.is_published
        ]
        told = told_in_channels(warehouse.query(queries.SAID))
        outcomes = warehouse.query(OUTCOMES)
        board = board_tables(warehouse, area, now)
    made = (
        (ALERT_CHANNELS, told),
        (ALERT_OUTCOMES, outcomes),
        (INTERVENTIONS, interventions_frame(area)),
    )
    tables += [(table, table.conform(rows)) for table, rows in made]
    tables += board
    publish_copy(settings.published_file, tables, published_views(area.alert_definition))
    return {table.name: rows.height for table, rows in tables}


def write_intervention_pages(
    settings: Settings, area: Area, as_of: datetime, interventions: Sequence[Intervention]
) -> list[Path]:
    """Write the page of each intervention as it was last evaluated by `as_of`; return where they are."""
    from reports.interventions.paper import Evaluation, intervention_paper  # takes seconds: charts
    from reports.papers.page import as_page

    pages = []
    for one in interventions:
        evaluated = _rows(settings, queries.EVALUATED, one.intervention_id, as_of)[0]["as_of"]
        if evaluated is None:
            continue
        effects, periods, placebos = (
            _rows(settings, queries.EVALUATION.format(table.name), one.intervention_id, evaluated)
            for table in (INTERVENTION_EFFECTS, INTERVENTION_PERIODS, INTERVENTION_PLACEBOS)
        )
        page = settings.intervention_page(one.intervention_id, area.clock.local_date(evaluated))
        actions = _rows(settings, queries.EVALUATION.format(INTERVENTION_EFFECTS.name), ACTED_ON, evaluated)
        nights = _rows(settings, queries.NIGHTS_OF_PLACE, one.place_code, one.outcome_definition, evaluated)
        paper = intervention_paper(
            Evaluation(one, evaluated, effects, periods, placebos, nights, actions), area
        )
        write_text(page, as_page(replace(paper, is_simulated=settings.is_simulated)))
        pages.append(page)
    return pages


def weekend_page(
    settings: Settings, area: Area, evening: date | None, *, reader: Reader, now: datetime, root: str
) -> str:
    """Return the page of the weekend of `evening`, or of the latest that has bands, as its reader may see it.

    Raises NothingPublishedError before the first copy, NotThereError where nothing is known of that weekend.
    """
    as_of = _as_of(settings)
    first, last = _span(settings, area)
    week = timedelta(days=7)
    evenings = (
        weekend_of(area, evening or last) if evening is None or first - week < evening < last + week else ()
    )
    if not evenings or evenings[-1] < first or evenings[0] > last:
        raise NotThereError(
            f"Nothing is known of the weekend of {evening}. Choose one from {first} to {last}."
        )
    told, read = _told(settings, area, reader), _as_read(settings, area, evenings[0], evenings[-1], now)
    about = _alerts(settings, told, queries.ALERTS_OF_SPAN, evenings[-1], evenings[0])
    weekend = view_weekend(
        area,
        evenings,
        _seen(_knowledge(settings, area, evenings[0], evenings[-1], as_of), read, told),
        events={
            r["evening"]: r["events"] for r in _rows(settings, queries.EVENTS, evenings[0], evenings[-1])
        },
        completeness=_rows(settings, queries.COMPLETENESS),
        first=first,
        last=last,
        places=reader.centres(area),
        alerted={alert["centre_code"] for alert in about},
    )
    looked_at = moment_of(now, as_of)
    deliveries = _rows(settings, queries.DELIVERIES)
    oldest = area.clock.local_date(looked_at) - timedelta(days=NIGHTS_SHOWN + 2)
    coverage = _frame(
        settings, queries.COVERAGE, area.alert_definition, oldest, area.clock.local_date(looked_at)
    )
    recent = AsRead(_doubted(settings, area, oldest, now))
    come = read_deliveries(partial(_ask, settings), area, looked_at)
    return render(
        "weekend",
        area,
        root,
        is_simulated=settings.is_simulated,
        reader=reader,
        weekend=weekend,
        is_latest=evening is None,
        as_of=as_of,
        made_at=_made_at(settings, now),
        looked_at=looked_at,
        notices=_notices(settings, area, told, now, as_of),
        feeds=feeds(area, come, deliveries, recent.coverage(coverage), looked_at),
        deliveries=recent_deliveries(deliveries, looked_at),
        strays=_rows(settings, queries.STRAYS),
        about=about,
        alerts=_alerts(settings, told, queries.ALERTS, as_of - ALERTS_SHOWN),
    )


def night_page(
    settings: Settings,
    area: Area,
    evening: date,
    centre_code: str,
    *,
    reader: Reader,
    now: datetime,
    root: str,
) -> str:
    """Return the page of one night of one town centre, as its reader may see it.

    Raises NotThereError where there is no such night, ForOthersError where it concerns other readers.
    """
    as_of = _as_of(settings)
    first, last = _span(settings, area)
    centre = _centre(area, centre_code)
    if not reader.may_see(centre):
        raise ForOthersError(f"{centre.name} lies in {centre.district}. {_ask_ops(area)}")
    if not area.clock.is_monitored(evening) or not first <= evening <= last:
        raise NotThereError(f"{evening} is no monitored night. Choose one from {first} to {last}.")
    told = _told(settings, area, reader)
    read = _as_read(settings, area, first_shown(evening), evening, now)
    known = _seen(_knowledge(settings, area, first_shown(evening), evening, as_of), read, told)
    events = {r["evening"]: r["events"] for r in _rows(settings, queries.EVENTS, evening, evening)}
    asked = (area.alert_definition, evening, centre_code)
    alerts = told.alerts(_rows(settings, queries.ALERTS_OF_NIGHT, centre_code, evening))
    decisions = _rows(settings, queries.DECISIONS, centre_code, evening)
    answers = _rows(settings, queries.ANSWERS, centre_code, evening)
    night = view_night(
        area,
        centre,
        evening,
        known,
        events=str(events.get(evening, "")),
        **_mornings(settings, asked, read, told),
        alerts=alerts,
        decisions=decisions if reader.sees_all else (),
        answers=told.answers(answers, alerts),
        least_shown={source: told.least_shown(source) for source in area.sources},
    )
    return render(
        "night",
        area,
        root,
        is_simulated=settings.is_simulated,
        reader=reader,
        night=night,
        as_of=as_of,
        made_at=_made_at(settings, now),
        notices=_notices(settings, area, told, now, as_of),
    )


def _seen(known: Published, read: AsRead, told: Told) -> Published:
    """Return what is known as a reader sees it."""
    return read.without_doubted(told.published(read.as_told(known)))


def _mornings(
    settings: Settings, asked: tuple[str, date, str], read: AsRead, told: Told
) -> dict[str, list[Row]]:
    """Return what was known of a night on each morning, and how it was judged, as a reader sees them."""
    _, evening, centre_code = asked
    night = {"evening": evening, "centre_code": centre_code}
    revisions = [told.count(row) for row in _rows(settings, queries.REVISIONS, *asked)]
    judged = [
        told.judged(read.judged_as_told(row | night, row["as_of"]))
        for row in _rows(settings, queries.JUDGED_MORNINGS, *asked)
    ]
    latest = {row["source"]: row["verdict"] for row in judged}
    sources = {row["source"] for row in revisions}
    doubted = {s for s in sources if read.doubts((evening, centre_code, s), latest.get(s))}
    return {
        "revisions": [row | GONE if row["source"] in doubted else row for row in revisions],
        "judged": [row | UNKNOWN if row["source"] in doubted else row for row in judged],
    }


def as_leads_read(settings: Settings, area: Area, rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return rows of `start_here` as leads read them.

    What stands in an alert is above, what is doubted is not judged, and what may well become an alert fills high.
    """
    evenings = rows["evening"].unique().sort()
    if evenings.is_empty():
        return rows
    read = _as_read(settings, area, evenings[0], evenings[-1], now)
    asked = (area.alert_definition, evenings[0], evenings[-1])
    judgements = by_key(_rows(settings, queries.JUDGEMENTS, *asked))
    told = [read.judged_as_told(row, now) for row in rows.to_dicts()]
    for row in told:
        if row["verdict"] == Verdict.WITHIN and fills_high(area, judgements.get(key_of(row))):
            row["verdict"] = FILLING_HIGH
    doubted = {"n_incidents": None, "verdict": NOT_JUDGED, "why_not_judged": WhyUnknown.UNUSABLE.meaning}
    seen = [
        row | doubted if row["n_incidents"] is not None and read.doubts(key_of(row), row["verdict"]) else row
        for row in told
    ]
    return pl.DataFrame(seen, schema=rows.schema)


def delivery_page(settings: Settings, area: Area, delivery_id: str, *, reader: Reader) -> str:
    """Return the page that was written when a delivery was checked.

    Raises NotThereError without one, ForOthersError for a reader who does not keep the service.
    """
    if not reader.sees_all:
        raise ForOthersError(f"What came of a delivery is for those who keep the service. {_ask_ops(area)}")
    is_id = len(delivery_id) <= LONGEST_ID and DELIVERY_ID.fullmatch(delivery_id)
    path = settings.delivery_page(delivery_id)
    if not is_id or not path.is_file():
        raise NotThereError(
            "There is no page of this delivery. Pages are written when a delivery is checked; "
            "the deliveries of the last two weeks are listed on the first page."
        )
    return path.read_text(encoding="utf-8")


def messages_page(settings: Settings, area: Area, channel: str | None, *, reader: Reader, root: str) -> str:
    """Return the Slack messages as rendered by the last run: of a channel, or of all that its reader may read.

    Raises NotThereError before the first run, ForOthersError for a channel of other readers.
    """
    channels = reader.channels(area)
    named = next((name for name in channels if name.removeprefix("#") == channel), None)
    if channel is not None and named is None:
        raise ForOthersError(f"There is no channel of yours with this name. {_ask_ops(area)}")
    if named is None and not reader.sees_all and len(channels) != 1:
        return render("channels", area, root, reader=reader, channels=channels)
    path = settings.messages_page(None if named is None and reader.sees_all else named or channels[0])
    if not path.is_file():
        raise NotThereError("No message was rendered yet. Run the DAG raise_alerts first.")
    return path.read_text(encoding="utf-8")


def runbook_page(area: Area, root: str, *, reader: Reader) -> str:
    """Return what to do for every message of the service. Raises NotThereError where it was not installed."""
    if not RUNBOOK.is_file():
        raise NotThereError(
            "The runbook was not installed with this service. It stands in its source, docs/runbook.md."
        )
    html, headings = render_runbook(RUNBOOK.read_text(encoding="utf-8"))
    return render("runbook", area, root, reader=reader, html=html, headings=headings)


def for_leads_page(area: Area, root: str, *, reader: Reader | None) -> str:
    """Return what an alert is and what to do about one. Raises NotThereError where it was not installed."""
    if not FOR_LEADS.is_file():
        raise NotThereError(
            "This page was not installed with this service. It stands in its source, docs/for-leads.md."
        )
    html, _ = render_runbook(FOR_LEADS.read_text(encoding="utf-8"))
    return render("for_leads", area, root, reader=reader, html=html)


def notice_page(area: Area, root: str, title: str, text: str, *, reader: Reader | None) -> str:
    """Return a page that says why another cannot be shown, and what to do."""
    return render("notice", area, root, reader=reader, title=title, text=text)


def stranger_page(area: Area, root: str, user: str) -> str:
    """Return the page for a user of Airflow of whom nothing says what they may see."""
    text = f"Nothing says which nights {user} may see. {_ask_ops(area)}"
    return notice_page(area, root, "These pages are not open to you yet", text, reader=None)


def _ask_ops(area: Area) -> str:
    """Return whom to ask for what a reader may not see."""
    who = area.contacts.ops or NOBODY_NAMED
    return f"Ask {who} if it concerns you: the area file says, under [readers], who sees what."


def _told(settings: Settings, area: Area, reader: Reader) -> Told:
    return Told(area, reader, () if reader.sees_all else _rows(settings, queries.ALERT_CHANNELS))


def _as_read(settings: Settings, area: Area, first: date, last: date, now: datetime) -> AsRead:
    """Return how the nights from one evening to another are read."""
    said = said_of_nights(_rows(settings, queries.SAID_DECISIONS, last, first))
    return AsRead(_doubted(settings, area, first, now), said)


def _doubted(settings: Settings, area: Area, since: date, now: datetime) -> set[tuple[str, date]]:
    """Return the nights that are far too quiet, by all that the copy knows: asked once a copy."""
    knows_until = max(_made_at(settings, now), _as_of(settings))
    return read_doubted(partial(_ask, settings), area, since, knows_until)


def _ask(settings: Settings, sql: str, parameters: Sequence[object]) -> pl.DataFrame:
    return _frame(settings, sql, *parameters)


def _rows(settings: Settings, sql: str, *parameters: object) -> list[Row]:
    return _frame(settings, sql, *parameters).to_dicts()


def _frame(settings: Settings, sql: str, *parameters: object) -> pl.DataFrame:
    if not settings.published_file.exists():
        raise NothingPublishedError(
            "Nothing was published yet. Put deliveries into the inbox; the DAG publish_warehouse makes the copy "
            "that these pages read as soon as the first night was judged."
        )
    standing = settings.published_file.stat()
    return _answer(settings.published_file, (standing.st_ino, standing.st_mtime_ns), sql, parameters)


@lru_cache(maxsize=512)
def _answer(path: Path, copy: tuple[int, int], sql: str, parameters: tuple[object, ...]) -> pl.DataFrame:
    """Ask one copy once: it never changes, and opening it is what takes the time."""
    return read_published(path, sql, parameters)


def _as_of(settings: Settings) -> datetime:
    """Return the latest moment that was judged. Raises NothingPublishedError before the first."""
    found = _rows(settings, queries.AS_OF)[0]["as_of"]
    if not isinstance(found, datetime):
        raise NothingPublishedError(_why_nothing_is_judged(_rows(settings, queries.COUNTED)[0]))
    return found


def _why_nothing_is_judged(counted: Row) -> str:
    """Return why nothing can alert yet, and when it can: what is usual in a town centre takes four weeks to see."""
    if not counted["n"]:
        return (
            "No night was judged yet. Load each source's history file, then let the DAGs issue_bands and "
            "raise_alerts run."
        )
    ready = say_day(counted["first"] + timedelta(days=LEAST_NIGHTS))
    nights = "1 night is" if counted["n"] == 1 else f"{counted['n']} nights are"
    return (
        f"No night was judged yet, and nothing can alert: {nights} counted, and {LEAST_NIGHTS} of a source must be "
        f"known before what is usual in a town centre can be said, from {ready} on at the earliest. A history file of "
        "each source makes it sooner."
    )


def _span(settings: Settings, area: Area) -> tuple[date, date]:
    """Return the first evening that is counted and the last that has a band."""
    row = _rows(settings, queries.SPAN, area.alert_definition, area.alert_definition)[0]
    if row["first"] is None or row["last"] is None:
        raise NothingPublishedError(
            "No band was issued yet, so that nothing can be compared. Load each source's history file, then "
            "let the DAG issue_bands run."
        )
    return row["first"], row["last"]


def _knowledge(settings: Settings, area: Area, first: date, last: date, as_of: datetime) -> Published:
    asked = (area.alert_definition, first, last)
    counts, bands, judgements = (
        by_key(_rows(settings, sql, *asked)) for sql in (queries.COUNTS, queries.BANDS, queries.JUDGEMENTS)
    )
    return Published(counts, bands, judgements, as_of)


def _alerts(settings: Settings, told: Told, sql: str, *parameters: object) -> list[Row]:
    return told.alerts(_rows(settings, sql, *parameters))


def _notices(settings: Settings, area: Area, told: Told, now: datetime, as_of: datetime) -> list[Notice]:
    """Return what its reader must know before anything else; what does not run or fit is for those who can mend it."""
    stopped = told.stops(_rows(settings, queries.SILENCES))
    if not told.reader.sees_all:
        return notices(area, now, as_of, silences=stopped, shifts=(), drifts=())
    service = read_service(settings.service_file)
    return notices(
        area,
        now,
        as_of,
        silences=stopped,
        shifts=_rows(settings, queries.SHIFTS),
        drifts=_rows(settings, queries.DRIFTS),
        not_running=service_problems(service, area, now) if service else (),
    )


def _made_at(settings: Settings, now: datetime) -> datetime:
    return datetime.fromtimestamp(settings.published_file.stat().st_mtime, tz=now.tzinfo)


def _centre(area: Area, centre_code: str) -> TownCentre:
    for centre in area.current_centres:
        if centre.centre_code == centre_code:
            return centre
    raise NotThereError("There is no such town centre. Go to a weekend and choose one there.")
