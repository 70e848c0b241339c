"""The columns that identify a row in many tables."""

from typing import Final

import polars as pl

from nte.columns import Column

EVENING: Final = Column(
    "evening", pl.Date, "local date of the evening on which the night starts", is_key=True
)

CENTRE: Final = Column("centre_code", pl.String, "town centre, as in town_centres", is_key=True)

SOURCE: Final = Column("source", pl.String, "who reports: a source of the area file", is_key=True)

DEFINITION: Final = Column("definition", pl.String, "what is counted: a definition of the area", is_key=True)

DELIVERY: Final = Column(
    "delivery_id", pl.String, "file name and the first eight characters of its sha256", is_key=True
)
