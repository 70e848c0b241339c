"""In what a column is stated: the naming rule of `nte.tables`, read back. Pure."""

import re
from typing import Final

TEXT: Final = ("VARCHAR", "VARCHAR[]")
BY_TYPE: Final = {
    "DATE": "local date",
    "TIMESTAMP WITH TIME ZONE": "instant, UTC",
    "BOOLEAN": "yes or no",
    "BIGINT": "whole number",
    "DOUBLE": "number",
    "VARCHAR": "text",
    "VARCHAR[]": "list of texts",
}
BY_NAME: Final = (
    (r"month", "local date, first of the month"),
    (r"latitude|longitude", "degrees, WGS 84"),
    (r".*_m", "metres"),
    (r".*days", "days"),
    (r"hour", "hour, 0-23"),
    (r"(mid_)?year", "year"),
    (r"n_bytes", "bytes"),
    (r"gbp.*", "pounds"),
    (r"n|n_.*|.*_n|numerator|denominator|population|least_shown|alert_limit|limit_so_far", "count"),
    (r"expected.*|lower|upper", "incidents"),
    (r".*_share|.*_chance|p_value|.*_p_value|alert_level|mean_pit", "share or chance, 0-1"),
    (r"ratio.*|.*_ratio", "ratio"),
    (r"value|same_quarter_last_year", "as unit says"),
)
"""The first whose whole name matches; of columns that hold numbers or dates."""


def unit_of(name: str, sql_type: str) -> str:
    """Return the unit of a column by its name, else by its type as DuckDB calls it."""
    if sql_type not in TEXT:
        for pattern, unit in BY_NAME:
            if re.fullmatch(pattern, name):
                return unit
    if sql_type == "VARCHAR" and re.search(r"(_code|_id)$|^(source|definition)$", name):
        return "code"
    return BY_TYPE[sql_type]
