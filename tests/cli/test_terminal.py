"""What people read in a terminal: nothing from outside acts in it, and 80 columns are enough."""

import sys
from datetime import date
from io import StringIO
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from cli.main import main
from cli.terminal import harmless, plain, say_line
from cli.weekend import MOST_ROWS, quiet_and_unknown, show_weekend, standing_out, weekend_table
from nte.english import FILLING_HIGH
from reports.views import NOT_SERVED
from tests.areas import derbyshire

AREA = derbyshire()
HOSTILE = "police_\x1b[2J\x07[/x][bold]\u202e.csv"
SATURDAY = date(2026, 3, 28)


def row(town: str, observed: int, verdict: str, source: str = "police", upper: int = 11) -> dict[str, Any]:
    """Return a row of `start_here`, as far as it is read."""
    return {
        "evening": SATURDAY, "town_centre": town, "source": source, "n_incidents": observed, "expected": 4.8,
        "lower": 0, "upper": upper, "alert_limit": 14, "verdict": verdict, "centre_code": town.lower(),
    }  # fmt: skip


@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_name_from_outside_neither_acts_nor_formats_nor_breaks(is_terminal: bool) -> None:
    printed = StringIO()
    console = Console(file=printed, width=80, force_terminal=is_terminal, color_system=None)
    say_line(console, "left alone", "yellow", HOSTILE)
    console.print(harmless(HOSTILE))
    text = printed.getvalue()
    assert text.count("police_\ufffd[2J\ufffd[/x][bold]\ufffd.csv") == 2
    assert "\x1b" not in text
    assert "\x07" not in text
    assert plain("two\nlines") == "two\nlines"


def test_a_time_that_reads_as_markup_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["nte", "status", "--now", "[/x]\x1b[2J"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "nte: '[/x]\\x1b[2J' is not a time. Write it like 2026-03-30T09:00" in capsys.readouterr().err


def test_a_line_goes_on_beneath_itself_on_a_terminal_and_is_one_line_elsewhere() -> None:
    said = (
        "police (recorded crime): its delivery is late; last delivery none yet; not known: "
        + "Sat 7 Mar " * 8
    )
    shown, piped = StringIO(), StringIO()
    say_line(Console(file=shown, width=80, force_terminal=True, color_system=None), "late", "red", said)
    say_line(Console(file=piped, width=80), "late", "red", said)
    first, *rest = shown.getvalue().splitlines()
    assert first.startswith("late        police")
    assert rest
    assert all(line.startswith(" " * 12) and len(line) <= 80 for line in rest)
    assert len(piped.getvalue().splitlines()) == 1


def test_what_stands_out_comes_first_the_gravest_town_on_top_and_fits_80_columns() -> None:
    weekend = pl.DataFrame(
        [
            row("Alfreton", 2, "within"),
            row("Belper", 12, "within"),
            row("Chesterfield", 16, "above"),
            row("Stapenhill and Woodville", 25, "far_above"),
            row("Stapenhill and Woodville", 12, "within", "emas"),
            row("Matlock", 0, "not judged"),
            row("Ripley", 9, FILLING_HIGH),
        ]
    )
    found = standing_out(weekend)
    assert [r["town_centre"] for r in found] == ["Stapenhill and Woodville"] * 2 + [
        "Chesterfield",
        "Ripley",
        "Belper",
    ]
    printed = StringIO()
    Console(width=80, file=printed).print(weekend_table(found, AREA))
    text = printed.getvalue()
    assert "…" not in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    assert text.index("far above") < text.index("above band")
    assert "filling high" in text
    many = pl.DataFrame([row(f"Town {n}", 20 + n, "above") for n in range(MOST_ROWS + 5)])
    assert len(standing_out(many)) == MOST_ROWS + 5


def test_a_town_centre_of_which_a_night_is_not_known_is_not_called_quiet() -> None:
    rows = [
        row("Alfreton", 2, "within"), row("Belper", 0, "not judged") | {"why_not_judged": "its delivery is late"},
        row("Buxton", 0, "not judged", "emas") | {"why_not_judged": NOT_SERVED}, row("Derby", 25, "far_above"),
    ]  # fmt: skip
    weekend = pl.DataFrame([{"why_not_judged": None} | one for one in rows])
    assert quiet_and_unknown(weekend, standing_out(weekend)) == (2, 1)


def test_what_is_no_alert_is_said_of_what_stands_out_and_not_of_the_quiet_town_centres() -> None:
    rows = [row("Alfreton", 2, "within"), row("Ripley", 9, FILLING_HIGH)]
    weekend = pl.DataFrame([{"why_not_judged": None} | one for one in rows])
    printed = StringIO()
    show_weekend(Console(width=80, file=printed), weekend, standing_out(weekend), AREA)
    assert printed.getvalue().endswith("Filling high: no alert.\nand 1 quiet town centre\n")


def test_a_quiet_weekend_has_nothing_that_stands_out() -> None:
    assert standing_out(pl.DataFrame([row("Alfreton", 2, "within")])) == []
