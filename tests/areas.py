"""The shipped area, loaded once for all tests."""

from functools import cache
from pathlib import Path

from nte.area import Area
from nte.area_files import load_area

AREAS = Path(__file__).resolve().parent.parent / "areas"
DERBYSHIRE, NEW_YORK = AREAS / "derbyshire", AREAS / "new-york"


@cache
def derbyshire() -> Area:
    return load_area(DERBYSHIRE)
