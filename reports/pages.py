"""The pages as HTML: escaped by default, self-contained, light and dark. Pure: views in, text out."""

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from nte import english
from nte.area import Area
from nte.errors import NteError
from nte.simulated import SIMULATED
from reports import wording

TEMPLATES: Final = Path(__file__).parent / "templates"
THEME_SCRIPT: Final = (TEMPLATES / "theme.js").read_text(encoding="utf-8")
"""Follows the theme that a person chose in Airflow."""


class NotThereError(NteError):
    """A page that does not exist; says what to do instead."""


class ForOthersError(NteError):
    """A page that is not for its reader; says whom to ask."""


class NothingPublishedError(NteError):
    """No copy was published yet, so that no page can be shown."""


@cache
def content_policy() -> str:
    """Return the Content-Security-Policy of every page: nothing is fetched from anywhere."""
    digest = base64.b64encode(hashlib.sha256(THEME_SCRIPT.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'; "
        "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )


def render(template: str, area: Area, root: str, *, is_simulated: bool = False, **facts: Any) -> str:
    """Return a page. `root` leads from its address to the first page's, such as '../'.

    `is_simulated`: it has figures of simulated deliveries, and says so at its top.
    """
    page = templates().get_template(f"{template}.html.j2")
    return page.render(
        area=area, root=root, say=Saying(area), theme_script=THEME_SCRIPT, simulated=SIMULATED if is_simulated else "",
        **facts,
    )  # fmt: skip


class Saying:
    """How the pages of one area say days, instants and shares."""

    def __init__(self, area: Area) -> None:
        self.area = area
        self.day, self.short_day, self.share = english.say_day, english.say_short_day, english.say_share
        self.expected, self.limit, self.number = wording.say_expected, english.say_limit, english.say_number

    def instant(self, instant: datetime) -> str:
        """Return 'Monday 30 March, 06:00'."""
        return english.say_instant(instant, self.area)

    def short_instant(self, instant: datetime) -> str:
        """Return 'Mon 30 Mar, 06:00'."""
        return english.say_short_instant(instant, self.area)

    def title(self, source: str) -> str:
        """Return 'Police'."""
        return self.area.source_title(source)


@cache
def templates() -> Environment:
    """Return the templates of pages and reports: text is escaped, and a name that is not given is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
