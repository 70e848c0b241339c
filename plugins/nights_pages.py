"""The app behind Nights: wiring only. It reads the published copy, behind Airflow's login on every route.

Only the API server loads it, when the first page is asked for; see .airflowignore.
"""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

NOT_LOGGED_IN, NOT_THERE, NOT_YET, BROKEN = 401, 404, 503, 500
LOG = logging.getLogger(__name__)
app = FastAPI(
    title="Nights", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(get_user)]
)


def _page(request: Request, make: Callable[[Any, Any, str], str]) -> HTMLResponse:
    """Return what `make(settings, area, root)` writes, or a plain page that says why it cannot."""
    from nte.area_files import load_area  # loaded by the first page, not by every Airflow process
    from nte.settings import Settings
    from reports.pages import NothingPublishedError, NotThereError, content_policy
    from reports.steps import notice_page

    settings = Settings()
    area, root = load_area(settings.area), _root(request)
    try:
        status, html = 200, make(settings, area, root)
    except NotThereError as problem:
        status, html = NOT_THERE, notice_page(area, root, "There is no such page", str(problem))
    except NothingPublishedError as problem:
        status, html = NOT_YET, notice_page(area, root, "Nothing to show yet", str(problem))
    headers = {
        "Content-Security-Policy": content_policy(),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status, headers)


def _root(request: Request) -> str:
    """Return the way from this address to the first page's, whatever a proxy has put before both."""
    inside = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return "../" * (inside.strip("/").count("/")) or "./"


@app.get("/")
def this_weekend(request: Request) -> HTMLResponse:
    """Show the latest weekend that has bands."""
    from reports.steps import weekend_page

    return _page(
        request,
        lambda settings, area, root: weekend_page(settings, area, None, now=datetime.now(UTC), root=root),
    )


@app.get("/weekend/{evening}")
def one_weekend(request: Request, evening: str) -> HTMLResponse:
    """Show the weekend of an evening."""
    from reports.steps import weekend_page

    return _page(
        request,
        lambda settings, area, root: weekend_page(
            settings, area, _day(evening), now=datetime.now(UTC), root=root
        ),
    )


@app.get("/night/{evening}/{centre_code}")
def one_night(request: Request, evening: str, centre_code: str) -> HTMLResponse:
    """Show one night of one town centre."""
    from reports.steps import night_page

    return _page(
        request,
        lambda settings, area, root: night_page(
            settings, area, _day(evening), centre_code, now=datetime.now(UTC), root=root
        ),
    )


@app.get("/delivery/{delivery_id}")
def one_delivery(request: Request, delivery_id: str) -> HTMLResponse:
    """Show the page of a delivery."""
    from reports.steps import delivery_page

    return _page(request, lambda settings, area, root: delivery_page(settings, delivery_id))


@app.get("/messages")
def messages(request: Request) -> HTMLResponse:
    """Show the Slack messages as rendered."""
    from reports.steps import messages_page

    return _page(request, lambda settings, area, root: messages_page(settings))


@app.get("/for-leads")
def for_leads(request: Request) -> HTMLResponse:
    """Show what an alert is, and what to do about one."""
    from reports.steps import for_leads_page

    return _page(request, lambda settings, area, root: for_leads_page(area, root))


@app.get("/runbook")
def runbook(request: Request) -> HTMLResponse:
    """Show what to do for every message."""
    from reports.steps import runbook_page

    return _page(request, lambda settings, area, root: runbook_page(area, root))


@app.get("/{rest:path}")
def no_such_page(request: Request, rest: str) -> HTMLResponse:
    """Say that there is no such page."""
    from reports.pages import NotThereError

    def refuse(settings: Any, area: Any, root: str) -> str:
        raise NotThereError("Nothing stands at this address. Start from this weekend.")

    return _page(request, refuse)


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
