"""`nte export`: the copy for analysts as Parquet files, and its town centres as GeoJSON, for tools without DuckDB."""

import json
from pathlib import Path
from typing import Any, Final

from nte.errors import NteError
from nte.settings import Settings
from nte.warehouse import export_parquet, read_published

CENTRES_FILE: Final = "town_centres.geojson"
CENTRES: Final = """
SELECT centre_code, name, district, latitude, longitude, radius_m, is_placeholder, valid_from, valid_to
FROM town_centres ORDER BY centre_code, valid_from
"""


def export_copy(settings: Settings, folder: Path) -> list[str]:
    """Write each table of the published copy to `folder`; return the names of the files.

    Files of the same names are replaced. Raises NteError when nothing was published yet or `folder` cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = export_parquet(settings.published_file, folder)
        (folder / CENTRES_FILE).write_text(json.dumps(_as_geojson(settings.published_file)), encoding="utf-8")
    except OSError as problem:
        raise NteError(
            f"{folder}: cannot be written ({problem.strerror}). Name a folder that you may write to: nte export DIR."
        ) from problem
    return [*names, CENTRES_FILE]


def _as_geojson(copy: Path) -> dict[str, Any]:
    """Return the middles of the town centres: the boundaries themselves are the area folder's."""
    rows = read_published(copy, CENTRES).to_dicts()
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row.pop("longitude"), row.pop("latitude")]},
                "properties": {
                    name: str(v) if name.startswith("valid") and v else v for name, v in row.items()
                },
            }
            for row in rows
        ],
    }
