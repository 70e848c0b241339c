"""Nights, the pages people look at, inside Airflow: their place in the navigation, and the way to them.

Every Airflow process imports this file, each task's too, so the app itself is loaded by its first request.
"""

import base64
from typing import Any

from airflow.plugins_manager import AirflowPlugin

CRESCENT = (
    '<path d="M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5z" fill="{}" stroke="{}" stroke-width="{}"/>'
)
MOON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" stroke-linejoin="round">{}</svg>'


class Pages:
    """The app of nights_pages.py, loaded when it is first asked."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on."""
        from nights_pages import app

        await app(scope, receive, send)


def _icon(*layers: tuple[str, str, float]) -> str:
    """Return the picture of the navigation from crescents: fill, stroke and its width."""
    moon = MOON.format("".join(CRESCENT.format(*layer) for layer in layers))
    return "data:image/svg+xml;base64," + base64.b64encode(moon.encode()).decode()


class NightsPlugin(AirflowPlugin):
    """Mounts the pages and puts them into the navigation."""

    name = "nights"
    fastapi_apps = [{"app": Pages(), "url_prefix": "/nights", "name": "Nights"}]  # noqa: RUF012  as Airflow reads it
    external_views = [  # noqa: RUF012
        {
            "name": "Nights",
            "href": "nights/",
            "destination": "nav",
            "url_route": "nights",
            "nav_top_level": True,
            "icon": _icon(("none", "#ffffff", 4.5), ("#ffffff", "#3e5873", 1.8)),
            "icon_dark_mode": _icon(("none", "#dce7f5", 1.8)),
        }
    ]
