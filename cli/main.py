"""The command line: `nte --help`."""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.terminal import harmless
from nte.area import Area
from nte.area_files import load_area
from nte.errors import MisuseError, NteError
from nte.moment import moment
from nte.settings import CHECKOUT, Settings

if TYPE_CHECKING:
    from reports.papers.paper import Paper

PRIVATE = 0o077
"""What a process of this service creates is for its own user alone, but for what is published."""

app = typer.Typer(
    name="nte",
    help="Night-time economy violence monitor: deliveries in, quality checked, bands, alerts.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
reports_app = typer.Typer(
    help="Write what is printed: for the Board, for hospitals.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
app.add_typer(reports_app, name="report")
areas_app = typer.Typer(help="Make another area.", no_args_is_help=True, rich_markup_mode="markdown")
app.add_typer(areas_app, name="area")
console = Console()
errors = Console(stderr=True)

NowOption = Annotated[
    str | None,
    typer.Option("--now", help="Work as of this local time, such as 2026-03-30T09:00. Default: the clock."),
]

SourceOption = Annotated[
    str | None,
    typer.Option("--source", help="Which source it is of, where its name or folder does not say so."),
]


def main() -> None:
    """Run the command line; misuse ends with code 2, failure with code 1, both in plain English."""
    os.umask(PRIVATE)
    try:
        app()
    except MisuseError as problem:
        errors.print(f"[bold red]nte:[/] {harmless(problem)}", highlight=False, soft_wrap=True)
        sys.exit(2)
    except NteError as problem:
        errors.print(f"[bold red]nte:[/] {harmless(problem)}", highlight=False, soft_wrap=True)
        sys.exit(1)


def _settings_and_area(inbox: Path | None = None, home: Path | None = None) -> tuple[Settings, Area]:
    chosen = {"inbox": inbox.resolve() if inbox else None, "home": home.resolve() if home else None}
    settings = Settings().model_copy(
        update={name: value for name, value in chosen.items() if value is not None}
    )
    return settings, load_area(settings.area)


@app.command(epilog="Example: `nte run --inbox feeds --now 2026-03-30T09:00`")
def run(
    inbox: Annotated[
        Path | None,
        typer.Option(
            help="Folder with one sub-folder a source. Files that are taken move to <NTE_HOME>/accepted "
            "or rejected. Default: <NTE_HOME>/inbox."
        ),
    ] = None,
    now: NowOption = None,
    home: Annotated[
        Path | None, typer.Option(help="Keep all state under this folder. Default: NTE_HOME.")
    ] = None,
    as_if: Annotated[
        str | None,
        typer.Option(
            "--as-if",
            help="Rehearse: work as if it were this local time, which may lie ahead. Posts and purges nothing.",
        ),
    ] = None,
) -> None:
    """Take what has arrived, issue bands, judge the nights, raise alerts, publish: the DAGs' steps, in this process.

    Deliveries dated after --now stay untouched. Run it again at any time: nothing is counted or said twice.
    """
    from cli.begin import begin_run
    from cli.flows import run_flows
    from cli.weekend import show_run

    settings, area = _settings_and_area(inbox, home)
    if now and as_if:
        raise MisuseError("--now and --as-if name two times. Give one of them.")
    as_of = moment(now or as_if, area, may_be_ahead=bool(as_if))
    if not settings.inbox_folder.is_dir():
        raise MisuseError(
            f"{settings.inbox_folder}: no such folder. Name the folder with the deliveries: --inbox DIR."
        )
    this = begin_run(settings, area, as_of, console.print, as_of=now or as_if, is_rehearsal=bool(as_if))
    with console.status("starting …") as status:
        run_flows(this, lambda step: status.update(f"{step} …"))
    show_run(console, settings, area, as_of)


@app.command(epilog="Example: `nte simulate feeds --weeks 8 --seed 7 --surge derby:2026-03-28:3`")
def simulate(  # noqa: PLR0917  each is an option of the command line
    folder: Annotated[Path, typer.Argument(help="Deliveries are written to FOLDER/inbox/<source>/.")],
    weeks: Annotated[int, typer.Option(help="Live weeks: one delivery a source and morning.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed and options give the same bytes.")] = 1,
    history_years: Annotated[float, typer.Option(help="Years before them, in one delivery a source.")] = 2.0,
    ends: Annotated[str, typer.Option(help="Date of the last delivery.")] = "2026-04-06",
    surge: Annotated[
        list[str] | None,
        typer.Option(help="Plant a surge: CENTRE:EVENING:FACTOR. Default: one in the last weekend."),
    ] = None,
    calm: Annotated[
        bool, typer.Option("--calm", help="No surge at all: every alert is a false one.")
    ] = False,
    change: Annotated[
        list[str] | None,
        typer.Option(
            help="Lower a centre's nights from an evening on, as an intervention might: CENTRE:EVENING:FACTOR."
        ),
    ] = None,
) -> None:
    """Write deliveries in the shape of the real ones, for demonstrations, load tests and training.

    Levels follow the figures published for the area; delays, corrections, a gap and a surge are built in.
    """
    from simulator.deliveries import simulate_deliveries
    from simulator.plan import SimulationPlan, parse_change, parse_surge

    settings, _ = _settings_and_area()
    try:
        planted = () if calm else tuple(parse_surge(text) for text in surge) if surge else None
        plan = SimulationPlan(
            seed=seed,
            n_live_weeks=weeks,
            n_history_weeks=round(history_years * 52),
            ends_on=_day(ends),
            surges=planted,
            changes=tuple(parse_change(text) for text in change or ()),
        )
        with console.status("simulating …") as status:
            done = simulate_deliveries(plan, settings.area, folder, status.update)
    except ValueError as problem:
        raise MisuseError(str(problem)) from problem
    for source, n_files in done.n_deliveries.items():
        console.print(f"{source}: {n_files} deliveries, {done.n_rows[source]:,} rows")
    console.print(
        harmless(f"Written to {done.inbox}. Next: nte run --inbox {done.inbox} --now {done.ends_on}T09:00"),
        soft_wrap=True,
    )


@app.command(epilog="Example: `nte status`")
def status(now: NowOption = None) -> None:
    """Say what is late, what was refused and why, which nights are unknown, and what waits to be posted."""
    from cli.status import show_status

    settings, area = _settings_and_area()
    show_status(console, settings, area, moment(now, area))


@app.command(epilog="Example: `nte scores`")
def scores() -> None:
    """Show how well past bands and alerts did: calibration, budget, error; what stood, and were the chances true."""
    from cli.scores import show_scores

    settings, _ = _settings_and_area()
    show_scores(console, settings)


@app.command(epilog="Example: `nte query knife-victims-under-25 --as-known 2026-03-30`")
def query(
    name: Annotated[str | None, typer.Argument(help="Name of the question. Default: names them all.")] = None,
    as_known: Annotated[
        str | None,
        typer.Option(
            "--as-known", help="Answer from what was known on the morning of this date. Takes a while."
        ),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the answer alone, all of it, as CSV.")] = False,
) -> None:
    """Answer a question of the query book from the copy for analysts, and print the query."""
    from cli.as_known import copy_as_known
    from cli.query import query_called, show_answer, show_book

    if name is None:
        show_book(console)
        return
    chosen = query_called(name)
    settings, area = _settings_and_area()
    if as_known is None:
        show_answer(console, chosen, settings.published_file, is_csv=csv)
        return
    morning = area.clock.morning_of(_date(as_known))
    with copy_as_known(settings, area, morning) as copy:
        show_answer(console, chosen, copy, is_csv=csv)


AsKnown = Annotated[
    str | None,
    typer.Option("--as-known", help="Report what was known on the morning of this date. Takes a while."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the two files. Default: one in <NTE_HOME>/reports."),
]
Exact = Annotated[
    bool, typer.Option("--exact", help="With small numbers, and all that they hide: for authorised analysts.")
]


@app.command(
    epilog="Example: `nte evaluate --plan --place chesterfield --nights fri,sat --hours 21:00-03:00 --months 6`"
)
def evaluate(  # noqa: PLR0917  each is an option of the command line
    intervention: Annotated[
        str | None, typer.Option(help="Its intervention_id in the area's interventions.csv. Default: all.")
    ] = None,
    as_known: Annotated[
        str | None,
        typer.Option(
            "--as-known", help="Say what was known on the morning of this date. Default: the last one."
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what could be seen of one that has not begun. Writes nothing.")
    ] = False,
    place: Annotated[str | None, typer.Option(help="With --plan: the code of its town centre.")] = None,
    nights: Annotated[str | None, typer.Option(help="With --plan: its nights, like fri,sat.")] = None,
    hours: Annotated[
        str | None, typer.Option(help="With --plan: its hours, like 21:00-03:00. Default: the night.")
    ] = None,
    months: Annotated[
        int | None, typer.Option(min=1, max=36, help="With --plan: how long it is to last.")
    ] = None,
    definition: Annotated[
        str | None, typer.Option(help="With --plan: what it is judged by. Default: what alerts are about.")
    ] = None,
) -> None:
    """Say of each intervention what it did: beside what would have come without it, and beside placebos.

    Writes it to the warehouse and the copy for analysts (intervention_effects), and a page for the Board. The DAG does
    the same each month. With --plan it says instead, before anything is spent, which fall would be seen.
    """
    from cli.begin import begin_run
    from cli.evaluate import named_interventions, planned, show_actions, show_effects, show_plan
    from cli.flows import run_flows
    from flows.evaluate_interventions import EVALUATE_INTERVENTIONS
    from forecasts.steps import plan_intervention

    settings, area = _settings_and_area()
    clock = moment(None, area)
    as_of = area.clock.last_morning(clock) if as_known is None else area.clock.morning_of(_date(as_known))
    if as_of > clock:
        raise MisuseError(
            f"{as_known} lies ahead of this machine's clock. Name an earlier date, or leave it out."
        )
    if plan:
        one = planned(area, area.clock.local_date(clock), place, nights, hours, months, definition)
        with console.status("looking at how places stray …"):
            found = plan_intervention(settings, area, as_of, one, months or 1)
        show_plan(console, area, one, months or 1, found)
        return
    if place or nights or hours or months or definition:
        raise MisuseError("--place, --nights, --hours, --months and --definition belong to --plan. Add it.")
    chosen = named_interventions(area, intervention)
    run = begin_run(settings, area, clock, console.print)
    wanted = {"intervention": intervention, "as_known": as_of}
    with console.status("evaluating …") as status:
        run_flows(
            replace(run, wanted=wanted), lambda step: status.update(f"{step} …"), [EVALUATE_INTERVENTIONS]
        )
    for one in chosen:
        show_effects(console, settings, area, one, as_of)
    show_actions(console, settings, area, as_of)
    console.print("Exact counts, small ones too: for the partnership's authorised analysts.", style="dim")


@reports_app.command(epilog="Example: `nte report quarter 2026Q1 --as-known 2026-04-20 --out board`")
def quarter(
    name: Annotated[str, typer.Argument(help="The quarter, such as 2026Q1.", metavar="QUARTER")],
    as_known: AsKnown = None,
    out: Out = None,
    exact: Exact = False,
) -> None:
    """Write what the Board gets of a quarter: a page to print (HTML) and a workbook (XLSX), small numbers not shown.

    Asked again as known on the same date it is the same to the byte, and an edition that stands is never written over.
    """
    from cli.report import report_of_quarter

    _report(partial(report_of_quarter, quarter=name), as_known, out, is_exact=exact)


@reports_app.command(epilog="Example: `nte report year 2025 --out needs-assessment`")
def year(
    name: Annotated[str, typer.Argument(help="The year, such as 2025.", metavar="YEAR")],
    as_known: AsKnown = None,
    out: Out = None,
    exact: Exact = False,
) -> None:
    """Write the tables of a year's needs assessment: ages, hours, districts, residents, alcohol, police beside health.

    As a page to print (HTML) and a workbook (XLSX), small numbers not shown; editions as those of a quarter.
    """
    from cli.report import report_of_year

    _report(partial(report_of_year, year=name), as_known, out, is_exact=exact)


@reports_app.command(epilog="Example: `nte report istv RTG 2026-03`")
def istv(
    site: Annotated[str, typer.Argument(help="The hospital's site code, or all.", metavar="SITE|all")],
    period: Annotated[
        str | None,
        typer.Argument(
            help="A month or a quarter, such as 2026-03 or 2026Q1. Default: the last full month.",
            metavar="[PERIOD]",
        ),
    ] = None,
    as_known: AsKnown = None,
    out: Out = None,
    exact: Exact = False,
) -> None:
    """Write what a hospital gets back: how complete its assault attendances are, by the ISTV minimum data set.

    As a page to print (HTML) and a workbook (XLSX), small numbers not shown; editions as those of a quarter.
    """
    from cli.report import report_of_hospitals

    _report(partial(report_of_hospitals, site=site, period=period), as_known, out, is_exact=exact)


def _report(make: "Callable[..., Paper]", as_known: str | None, out: Path | None, *, is_exact: bool) -> None:
    """Make a paper from the published copy, or from one as known on a morning, and write it."""
    from cli.as_known import copy_as_known
    from cli.report import need_what_writes, write_paper

    need_what_writes()
    settings, area = _settings_and_area()
    if as_known is None:
        paper = make(settings.published_file, area, is_exact=is_exact)
    else:
        with copy_as_known(settings, area, area.clock.morning_of(_date(as_known))) as copy:
            paper = make(copy, area, is_exact=is_exact)
    for path in write_paper(
        replace(paper, is_simulated=settings.is_simulated), out or settings.reports / paper.folder
    ):
        console.print(harmless(path), highlight=False, soft_wrap=True)
    if is_exact:
        console.print("Exact counts, small ones too: for the partnership's authorised analysts.", style="dim")


@app.command(epilog="Example: `nte partners --as-known 2026-05-11`")
def partners(
    as_known: Annotated[
        str | None,
        typer.Option("--as-known", help="Give what was known on the morning of this date. Takes a while."),
    ] = None,
    now: NowOption = None,
) -> None:
    """Give partners an edition of counts by quarter and year, in which no small number can be worked out.

    A new one is made when a quarter has become final. Editions that were given stay as they are, and go forward only.
    """
    from cli.partners import give_partners

    settings, area = _settings_and_area()
    give_partners(console, settings, area, moment(now, area), _date(as_known) if as_known else None)


@app.command(epilog="Example: `nte export figures`")
def export(
    folder: Annotated[Path, typer.Argument(help="Where the files are written; made when it is not there.")],
) -> None:
    """Write the copy for analysts as Parquet files, for Power BI and R, and its town centres as GeoJSON."""
    from cli.export import export_copy

    settings, _ = _settings_and_area()
    names = export_copy(settings, folder)
    console.print(f"{len(names)} files in {harmless(folder)}", highlight=False, soft_wrap=True)
    console.print("Exact counts, small ones too: for the partnership's authorised analysts.", style="dim")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise MisuseError(f"{text!r} is not a date. Write one like 2026-03-30.") from problem


@app.command(epilog="Example: `nte doctor`")
def doctor() -> None:
    """Say what is missing on this machine or wrong in the area's files, and what to do about it."""
    from cli.doctor import examine

    findings = examine(Settings())
    for finding in findings:
        mark = "[green]ok[/]  " if finding.is_good else "[red]mend[/]"
        console.print(f"{mark} {harmless(finding.text)}", highlight=False, soft_wrap=True)
    if not all(finding.is_good for finding in findings):
        raise typer.Exit(1)


@app.command(epilog="Example: `nte backtest panels/easy --area derbyshire`")
def backtest(
    folder: Annotated[Path, typer.Argument(help="A panel: nights.csv, calendar.csv, centres.csv, …")],
    area: Annotated[
        str | None,
        typer.Option(
            help="Take budget, its split, gamma, least counts and least sums from this area, by name or folder. "
            "Default: one false alarm in 30 days over the whole panel, gamma 0.75, no least counts. Its delta says "
            "when an alert is withdrawn, which one look a night never does."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that forecast weeks side by side.")] = 2,
) -> None:
    """Walk forward over a panel of night counts and write forecasts.csv, tail.csv and detectors.csv beside it.

    A week is judged on the Monday after it. With asof.csv its nights are still filling then: they are above when the
    chance that their final count exceeds their limit is at least gamma.
    """
    from cli.backtest import backtest as walk

    walk(console, folder, area, n_workers=workers)


@app.command(epilog="Example: `nte pause --who 'duty officer' --why 'feed is being repaired'`")
def pause(
    who: Annotated[str, typer.Option(help="Who asks for it: shown wherever the pause is shown.")],
    why: Annotated[str, typer.Option(help="Why, in a few words.")],
    now: NowOption = None,
) -> None:
    """Hold all alert messages until `nte resume`; deliveries, judgements and ops messages go on."""
    from alerts.steps import pause_alerts

    settings, area = _settings_and_area()
    pause_alerts(settings, moment(now, area), who, why)
    console.print("Alerts are paused: they are decided and kept, not posted. `nte resume` lets them go.")


@app.command(epilog="Example: `nte resume`")
def resume(now: NowOption = None) -> None:
    """Let alert messages go again."""
    from alerts.steps import resume_alerts

    settings, area = _settings_and_area()
    resume_alerts(settings, moment(now, area))
    console.print("Alerts go out again with the next run.")


@app.command(epilog="Example: `nte lift derby --who 'duty officer'`")
def lift(
    centre: Annotated[
        str, typer.Argument(help="Code of the town centre: `nte status` shows what is silent.")
    ],
    who: Annotated[str, typer.Option(help="Who asks for it; kept.")],
    channel: Annotated[str | None, typer.Option(help="Only in this channel. Default: in every one.")] = None,
    now: NowOption = None,
) -> None:
    """End a silence before its time; what waited goes out with the next run."""
    from cli.lift import lift as lift_silence

    settings, area = _settings_and_area()
    lift_silence(console, settings, area, centre, channel, who=who, now=moment(now, area))


@app.command(epilog="Example: `nte listen`")
def listen() -> None:
    """Answer the buttons under alerts (acting on it, known event, silence) by Slack's Socket Mode, until Ctrl-C."""
    from cli.listen import listen_until_stopped

    settings, area = _settings_and_area()
    listen_until_stopped(console, settings, area)


@app.command(epilog="Example: `nte purge --before 2019-01-01`")
def purge(
    before: Annotated[str, typer.Option(help="Records of evenings before this date are removed.")],
    now: NowOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove record-level rows of earlier evenings whose retention has ended; counts, bands and decisions stay.

    Says first what will go, and asks: it cannot be undone.
    """
    from transforms.steps import plan_purge, purge_records

    settings, area = _settings_and_area()
    at = moment(now, area)
    plan = plan_purge(settings, area, _day(before), at)
    if not plan.n_records:
        console.print(f"No record of an evening before {before} is here: nothing to remove.")
        return
    console.print(
        f"{plan.n_records:,} records of the evenings {plan.first} to {plan.last}, from {plan.n_deliveries:,} "
        "deliveries, go for good. Counts, bands and decisions stay.",
        soft_wrap=True,
    )
    if not yes and not typer.confirm("Remove them?"):
        console.print("Nothing was removed.")
        raise typer.Exit(1)
    n_records = purge_records(settings, area, plan.before, at)
    console.print(f"{n_records:,} records of evenings before {before} removed.")


@app.command(epilog="Example: `nte check extract.xlsx --source police`")
def check(
    file: Annotated[Path, typer.Argument(help="A delivery; its manifest is read if it lies beside it.")],
    source: SourceOption = None,
    day: Annotated[
        str | None,
        typer.Option(
            "--date",
            help="The day whose delivery it is, where its name does not say so. Default: by its newest records.",
        ),
    ] = None,
    now: NowOption = None,
) -> None:
    """Test a file without taking it: the verdict and the sentences of the real check, and nothing is written.

    Ends with code 1 when it would be rejected or held.
    """
    from cli.check import check_file

    settings, area = _settings_and_area()
    morning = None if day is None else _day(day)
    if not check_file(console, settings, area, file, source, morning, moment(now, area)):
        raise typer.Exit(1)


@areas_app.command(
    name="new",
    epilog="Example: `nte area new essex --name Essex --centres centres.csv --boundary essex.geojson`",
)
def new_area(  # noqa: PLR0917  each is an option of the command line
    code: Annotated[str, typer.Argument(help="Name of its folder: small letters, digits, hyphens.")],
    name: Annotated[str, typer.Option("--name", help="How people call it.")],
    centres: Annotated[
        Path,
        typer.Option(
            "--centres",
            help="CSV with name, district, latitude, longitude (or easting, northing) and, where known, radius_m and "
            "sites (ODS codes of hospitals); or GeoJSON with the same properties.",
        ),
    ],
    boundary: Annotated[
        Path | None,
        typer.Option("--boundary", help="Its outline as GeoJSON. Default: 15 km around the town centres."),
    ] = None,
    like: Annotated[
        str,
        typer.Option("--like", help="The area whose definitions and contracts it takes: a name or a folder."),
    ] = "derbyshire",
    into: Annotated[
        Path | None, typer.Option("--into", help="Where the folder is made. Default: areas/.")
    ] = None,
) -> None:
    """Make the folder of another area and check it: town centres, districts, channels, readers, contracts."""
    from cli.area_new import make_area

    model = Path(like) if Path(like).is_dir() else CHECKOUT / "areas" / like
    folder = into or CHECKOUT / "areas"
    area = make_area(code, name, centres, boundary, model, folder)
    console.print(
        harmless(
            f"{folder / code}: {len(area.town_centres)} town centres in {len(area.districts)} districts; definitions "
            f"and sources are those of {model.name}. Next: complete what says so in area.toml, then: "
            f"NTE_AREA={folder / code} nte doctor"
        ),
        highlight=False,
        soft_wrap=True,
    )


@app.command(epilog="Example: `nte onboard extract.xlsx --source police`")
def onboard(  # noqa: PLR0917  each is an option of the command line
    files: Annotated[list[Path], typer.Argument(help="One export of the provider, or several of one kind.")],
    source: Annotated[str, typer.Option("--source", help="Which source of the area it is of.")],
    accept: Annotated[
        bool, typer.Option("--accept", help="Ask nothing: take what is certain, leave out and name the rest.")
    ] = False,
    sheet: Annotated[
        str | None, typer.Option("--sheet", help="Sheet of a workbook that has several.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Map anew a section that was written before, edits included.")
    ] = False,
    now: NowOption = None,
) -> None:
    """Find out what an unknown export holds, show what would be counted of it, and write the area file's section.

    A section that was written before is not touched without --again: what differs from it is said. Ends with code 1
    when something without which nothing can be counted is not certain.
    """
    from cli.onboard import onboard_files

    settings, area = _settings_and_area()
    asks = None if accept else _ask
    if not onboard_files(
        console, settings, area, files, source, sheet, moment(now, area), ask=asks, is_again=again
    ):
        raise typer.Exit(1)


def _ask(text: str, options: tuple[str, ...]) -> str:
    """Ask a person to choose. Raises MisuseError where nobody is there to answer."""
    if not sys.stdin.isatty():
        raise MisuseError(
            "Something has to be asked, and nobody is there to answer: say --accept to leave it out."
        )
    console.print(harmless(text), highlight=False, soft_wrap=True)
    for n, option in enumerate(options, start=1):
        console.print(f"  {n}  {harmless(option)}", highlight=False)
    while True:
        said = str(typer.prompt("Number")).strip()
        if said.isdecimal() and 1 <= int(said) <= len(options):
            return options[int(said) - 1]
        console.print(f"Give a number from 1 to {len(options)}.")


@app.command(epilog="Example: `nte contract police --out contract.html`")
def contract(
    source: Annotated[str, typer.Argument(help="A source of the area, such as police.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Write it: .md or .html for people, .yaml in the Open Data Contract Standard."
        ),
    ] = None,
) -> None:
    """Say what is asked of a provider: files, columns, codes, times, what is refused and why, and an example."""
    from cli.contract import print_contract, write_contract

    _, area = _settings_and_area()
    if out is None:
        print_contract(area, source)
        return
    write_contract(area, source, out)
    console.print(f"Written to {harmless(out)}.", highlight=False, soft_wrap=True)


@app.command(epilog="Example: `nte retry --source police`")
def retry(
    source: Annotated[str | None, typer.Option(help="Only this source. Default: all of them.")] = None,
    now: NowOption = None,
) -> None:
    """Judge anew the rows that were set aside, after a mapping in the area file was corrected.

    Rows that are believed now are counted; works while the originals are kept.
    """
    from cli.retry import retry_sources

    settings, area = _settings_and_area()
    retry_sources(console, settings, area, [source] if source else list(area.sources), moment(now, area))


@app.command(epilog="Example: `nte accept police_2026-03-29.csv --why 'numbers changed with the new system'`")
def accept(
    file: Annotated[str, typer.Argument(help="Name of a delivery that is held: `nte status` shows them.")],
    why: Annotated[str, typer.Option(help="Why, in a few words; kept.")] = "",
    now: NowOption = None,
) -> None:
    """Use the rows of a delivery that is held because its ids are not what they seem."""
    from cli.held import accept as accept_file

    settings, area = _settings_and_area()
    accept_file(console, settings, area, file, why=why, now=moment(now, area))


@app.command(epilog="Example: `nte reject police_2026-03-29.csv --why 'last week sent again'`")
def reject(
    file: Annotated[str, typer.Argument(help="Name of a delivery that is held: `nte status` shows them.")],
    why: Annotated[str, typer.Option(help="Why, in a few words; kept and shown.")],
    now: NowOption = None,
) -> None:
    """Refuse a delivery that is held; it moves to rejected/."""
    from cli.held import reject as reject_file

    settings, area = _settings_and_area()
    reject_file(console, settings, area, file, why=why, now=moment(now, area))


@app.command(epilog="Example: `nte rebuild`")
def rebuild(now: NowOption = None) -> None:
    """Make a damaged or lost warehouse again, from what was kept beside it: journal, lake, originals.

    The old file is moved aside when the new one is whole. Nothing is said twice.
    """
    from cli.rebuild import rebuild_and_say

    settings, area = _settings_and_area()
    rebuild_and_say(console, settings, area, moment(now, area))


@app.command(
    name="restore-deliveries", epilog="Example: `nte restore-deliveries --from /mnt/backup/accepted`"
)
def restore_deliveries(
    folder: Annotated[
        Path | None, typer.Option("--from", help="Folder with the originals. Default: <NTE_HOME>/accepted.")
    ] = None,
    now: NowOption = None,
) -> None:
    """Take originals again that the warehouse does not know, such as those since the last backup, in their order."""
    from cli.restore_deliveries import restore_deliveries as restore

    settings, area = _settings_and_area()
    restore(console, settings, area, folder, moment(now, area))


@app.command(epilog="Example: `nte replay derby/2026-03-28/nte-violence`")
def replay(alert: Annotated[str, typer.Argument(help="Its id, as in the table `alerts`.")]) -> None:
    """Say why an alert was raised: its decisions, and its bands and counts as known each morning, made again.

    Ends with code 1 when a judgement does not come out as it stands.
    """
    from cli.replay import replay as replay_alert

    settings, area = _settings_and_area()
    if not replay_alert(console, settings, area, alert):
        raise typer.Exit(1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise MisuseError(f"{text!r} is not a date. Write it like 2026-03-30.") from problem


@app.command(epilog="Example: `nte demo`")
def demo() -> None:
    """Simulate deliveries, run the service over their last weekends, show what it found and where everything is."""
    from cli.demo import run_demo

    settings, area = _settings_and_area()
    run_demo(console, settings, area, moment(None, area))


@app.command(epilog="Example: `nte up --port 8080`")
def up(
    port: Annotated[
        int | None,
        typer.Option(help="Port of the Airflow UI on this machine. Default: AIRFLOW__API__PORT, else 8080."),
    ] = None,
    foreground: Annotated[
        bool,
        typer.Option(
            "--foreground", help="Stay: for a service manager or a container; ends with code 1 on giving up."
        ),
    ] = False,
    keep_trying: Annotated[
        bool, typer.Option("--keep-trying", help="Never give up on a part, as in the background.")
    ] = False,
) -> None:
    """Start the service with the inbox watched, on this machine only, and keep it running; print address and login."""
    settings, area = _settings_and_area()
    if foreground:
        from cli.airflow.foreground import run_service

        run_service(console, settings, area, port, keeps_trying=keep_trying)
        return
    from cli.airflow.serve import start

    start(console, settings, area, port)


@app.command(epilog="Example: `nte stop`")
def stop() -> None:
    """Stop everything that `nte up` started."""
    from cli.airflow.serve import stop as stop_all

    stop_all(console, Settings())


@app.command(
    epilog="Example: `nte airflow dags list-runs take_deliveries`",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def airflow(context: typer.Context) -> None:
    """Give a command to this installation's Airflow: its home, DAGs and plugins are set, all else is Airflow's own."""
    from cli.airflow.home import become_airflow  # Airflow takes seconds to import

    settings, area = _settings_and_area()
    become_airflow(settings, area.time_zone, context.args)


@app.command(epilog="Example: `nte metrics --port 9108`")
def metrics(
    port: Annotated[
        int | None, typer.Option(help="Answer Prometheus on this port of this machine, until Ctrl-C.")
    ] = None,
    now: NowOption = None,
) -> None:
    """Print what is published as Prometheus metrics: deliveries, lag, bands, alerts, budget, outbox.

    docs/metrics.md says what each means, with three alert rules.
    """
    from reports.metrics.steps import serve_metrics, show_metrics

    settings, area = _settings_and_area()
    if port is None:
        typer.echo(show_metrics(settings, area, moment(now, area)), nl=False)
        return
    end = serve_metrics(settings, area, port, lambda: moment(now, area))
    console.print(f"Metrics: http://127.0.0.1:{port}/metrics, on this machine only. Ctrl-C ends it.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        end()
