"""The app behind Nights: wiring only. It reads the published copy, behind Airflow's login on every route.

Only the API server loads it, when the first page is asked for; see .airflowignore.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

NOT_LOGGED_IN, FOR_OTHERS, NOT_THERE, NOT_YET, BROKEN = 401, 403, 404, 503, 500
LOG = logging.getLogger(__name__)
app = FastAPI(
    title="Nights", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(get_user)]
)


@dataclass(frozen=True)
class Visit:
    """Who asks for a page, and where from."""

    request: Request
    user: Any

    @property
    def name(self) -> str:
        """Return the user's name in Airflow."""
        return str(self.user.get_name())

    @property
    def roles(self) -> Sequence[str]:
        """Return the roles of the user, whichever way Airflow's login names them."""
        several = [str(getattr(role, "name", role)) for role in getattr(self.user, "roles", None) or ()]
        one = getattr(self.user, "role", None)
        return [*several, *([str(one)] if one else [])]

    @property
    def root(self) -> str:
        """Return the way from this address to the first page's, whatever a proxy has put before both."""
        scope = self.request.scope
        inside = scope["path"].removeprefix(scope.get("root_path", ""))
        return "../" * (inside.strip("/").count("/")) or "./"


def _visit(request: Request, user: Annotated[Any, Depends(get_user)]) -> Visit:
    return Visit(request, user)


Visiting = Annotated[Visit, Depends(_visit)]


def _page(visit: Visit, make: Callable[[Any, Any, Any], str], *, is_open: bool = False) -> HTMLResponse:
    """Return what `make(settings, area, reader)` writes, or a plain page that says why it cannot.

    `is_open`: anybody with a login may see it, also somebody of whom nothing says what they may know.
    """
    from nte.area_files import load_area  # loaded by the first page, not by every Airflow process
    from nte.readers import reader_of
    from nte.settings import Settings
    from reports.pages import ForOthersError, NothingPublishedError, NotThereError, content_policy
    from reports.steps import notice_page, stranger_page

    settings = Settings()
    area, root = load_area(settings.area), visit.root
    reader = reader_of(area, visit.name, visit.roles)
    try:
        if reader is None and not is_open:
            status, html = FOR_OTHERS, stranger_page(area, root, visit.name)
        else:
            status, html = 200, make(settings, area, reader)
    except NotThereError as problem:
        status, html = (
            NOT_THERE,
            notice_page(area, root, "There is no such page", str(problem), reader=reader),
        )
    except ForOthersError as problem:
        status, html = FOR_OTHERS, notice_page(area, root, "This is for others", str(problem), reader=reader)
    except NothingPublishedError as problem:
        status, html = NOT_YET, notice_page(area, root, "Nothing to show yet", str(problem), reader=reader)
    headers = {
        "Content-Security-Policy": content_policy(),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status, headers)


@app.get("/")
def this_weekend(visit: Visiting) -> HTMLResponse:
    """Show the latest weekend that has bands."""
    return _weekend(visit, None)


@app.get("/weekend/{evening}")
def one_weekend(visit: Visiting, evening: str) -> HTMLResponse:
    """Show the weekend of an evening."""
    return _weekend(visit, evening)


def _weekend(visit: Visit, evening: str | None) -> HTMLResponse:
    from reports.steps import weekend_page

    def make(settings: Any, area: Any, reader: Any) -> str:
        day = _day(evening) if evening else None
        return weekend_page(settings, area, day, reader=reader, now=datetime.now(UTC), root=visit.root)

    return _page(visit, make)


@app.get("/night/{evening}/{centre_code}")
def one_night(visit: Visiting, evening: str, centre_code: str) -> HTMLResponse:
    """Show one night of one town centre."""
    from reports.steps import night_page

    def make(settings: Any, area: Any, reader: Any) -> str:
        now = datetime.now(UTC)
        return night_page(settings, area, _day(evening), centre_code, reader=reader, now=now, root=visit.root)

    return _page(visit, make)


@app.get("/delivery/{delivery_id}")
def one_delivery(visit: Visiting, delivery_id: str) -> HTMLResponse:
    """Show the page of a delivery."""
    from reports.steps import delivery_page

    return _page(
        visit, lambda settings, area, reader: delivery_page(settings, area, delivery_id, reader=reader)
    )


@app.get("/messages")
def messages(visit: Visiting) -> HTMLResponse:
    """Show the Slack messages as rendered, of the channels that the reader may read."""
    return _messages(visit, None)


@app.get("/messages/{channel}")
def messages_of_channel(visit: Visiting, channel: str) -> HTMLResponse:
    """Show the Slack messages of one channel."""
    return _messages(visit, channel)


def _messages(visit: Visit, channel: str | None) -> HTMLResponse:
    from reports.steps import messages_page

    return _page(
        visit,
        lambda settings, area, reader: messages_page(settings, area, channel, reader=reader, root=visit.root),
    )


@app.get("/for-leads")
def for_leads(visit: Visiting) -> HTMLResponse:
    """Show what an alert is, and what to do about one."""
    from reports.steps import for_leads_page

    return _page(
        visit, lambda settings, area, reader: for_leads_page(area, visit.root, reader=reader), is_open=True
    )


@app.get("/runbook")
def runbook(visit: Visiting) -> HTMLResponse:
    """Show what to do for every message."""
    from reports.steps import runbook_page

    return _page(visit, lambda settings, area, reader: runbook_page(area, visit.root, reader=reader))


@app.get("/{rest:path}")
def no_such_page(visit: Visiting, rest: str) -> HTMLResponse:
    """Say that there is no such page."""
    from reports.pages import NotThereError

    def refuse(settings: Any, area: Any, reader: Any) -> str:
        raise NotThereError("Nothing stands at this address. Start from this weekend.")

    return _page(visit, refuse)


def _day(text: str) -> date:
    from reports.pages import NotThereError

    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise NotThereError(
            "That is no date. Write it like 2026-03-28, or start from this weekend."
        ) from problem


@app.exception_handler(HTTPException)
def send_to_login(request: Request, problem: HTTPException) -> Response:
    """Send a reader who is not logged in to Airflow's login, and back here after it."""
    if problem.status_code != NOT_LOGGED_IN:
        return HTMLResponse(
            "You may not see this page. Ask for a login of this Airflow.", problem.status_code
        )
    base = request.scope.get("root_path", "").removesuffix("/nights")
    return RedirectResponse(f"{base}/api/v2/auth/login?next={quote(request.url.path, safe='')}")


@app.exception_handler(Exception)
def apologise(request: Request, problem: Exception) -> HTMLResponse:
    """Say plainly that something went wrong; what it was stands in the log."""
    LOG.error("%s could not be shown", request.url.path, exc_info=problem)
    text = "This page could not be shown. The log of the API server says why. Try again, or start from Airflow's home."
    return HTMLResponse(text, BROKEN)
