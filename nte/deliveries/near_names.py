"""Names that are nearly right: what a file was meant to be called, where one can tell.

Some differences leave no doubt (capital letters, spaces, an ending twice): such a file is read under its right name.
Of others, such as ` (1)` behind a date, the right name is only told.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePath

from nte.area import Source

NO_SIGNS = re.compile(r"[\u200b\u200e\u200f\ufeff]")
"""Marks that nobody sees."""
SPACES = re.compile(r"[\s_]*\s[\s_]*")
ENDING_TWICE = re.compile(r"(\.[A-Za-z]{2,4})\1$", re.IGNORECASE)
MANIFEST = re.compile(r"(?:\.(?:csv|xlsx|ods|zip))*\.json$", re.IGNORECASE)
COPY = re.compile(r"(?:_?\(\d+\)|_?-_?copy)+(?=\.)", re.IGNORECASE)
DATES = (
    (re.compile(r"(?<!\d)(\d{4})[-_. ]?(\d{2})[-_. ]?(\d{2})(?!\d)"), (0, 1, 2)),
    (re.compile(r"(?<!\d)(\d{1,2})[-_. ](\d{1,2})[-_. ](\d{4})(?!\d)"), (2, 1, 0)),
)
"""How dates are written in names: where year, month and day stand."""
EITHER = re.compile(r"\(\?:([A-Za-z0-9]+)(?:\|[A-Za-z0-9]+)+\)")
"""One of several endings: a name that is made has the first."""
PATTERN_SIGNS = re.compile(r"(?<!\\)[*+?\[\](){}|^$]|\\[A-Za-z]")
MOST_MONTHS = 12
DAILY, HISTORY = 1, 2
"""So many dates stand in a name."""


def mended_name(name: str, source: Source) -> str | None:
    """Return the agreed name that this one is but for capitals, spaces, marks or an ending twice; None elsewhere.

    The agreed name itself is not mended. That of a manifest is its delivery's with `.json`, and it may be a copy: which
    of two deliveries is meant is in doubt, a second manifest can only stop one.
    """
    tidy = _tidy(name)
    if MANIFEST.search(tidy):
        stems = [COPY.sub("", MANIFEST.sub(ending, tidy)) for ending in _endings(source)]
        found = next(filter(None, (_fitting(stem, source) for stem in stems)), None)
        right = PurePath(found).with_suffix(".json").name if found else None
    else:
        right = _fitting(tidy, source)
    return None if right == name else right


def likely_name(name: str, source: Source) -> str | None:
    """Return the agreed name of the only day, or span, that a name speaks of; None where there is none."""
    days = list(_days_in(_tidy(name)))
    if len(days) not in (DAILY, HISTORY) or days != sorted(days):
        return None
    return agreed_name(source, *days)


def agreed_name(source: Source, first: date, last: date | None = None) -> str | None:
    """Return the name that a day's delivery, or the history load of a span, has by the area file; None if unclear."""
    if last is None:
        return _filled(source.daily_pattern, {"date": first.strftime(source.date_format)})
    form = source.history_date_format or source.date_format
    return _filled(source.history_pattern, {"from": first.strftime(form), "to": last.strftime(form)})


def _endings(source: Source) -> list[str]:
    """Return what the names of a source's files end with, such as `.csv`."""
    ends = [re.search(r"(?:\\\.[A-Za-z0-9]+)+$", p) for p in (source.daily_pattern, source.history_pattern)]
    return list(dict.fromkeys(end[0].replace("\\", "") for end in ends if end))


def _tidy(name: str) -> str:
    spaced = SPACES.sub("_", NO_SIGNS.sub("", unicodedata.normalize("NFKC", name)).strip())
    return ENDING_TWICE.sub(r"\1", re.sub(r"_(?=\.)", "", spaced))


def _fitting(tidy: str, source: Source) -> str | None:
    """Return the name, in capitals or not, as the source's files are called."""
    patterns = (source.daily_pattern, source.history_pattern)
    forms = (tidy, tidy.lower(), tidy.upper(), tidy.capitalize())
    return next((form for form in forms if any(re.fullmatch(p, form) for p in patterns)), None)


def _days_in(name: str) -> Iterator[date]:
    for form, places in DATES:
        found = [tuple(int(match[place + 1]) for place in places) for match in form.finditer(name)]
        for year, month, day in found:
            is_unclear = places[0] and day <= MOST_MONTHS and month != day
            try:
                known = date(year, month, day)
            except ValueError:
                continue
            if not is_unclear:
                yield known
        if found:
            return


def _filled(pattern: str, words: Mapping[str, str]) -> str | None:
    """Return the name that fits a pattern with these words in its groups; None where the rest is no plain text."""
    name = pattern
    for group, word in words.items():
        start = name.find(f"(?P<{group}>")
        if start < 0:
            return None
        name = name[:start] + word + name[_end_of_group(name, start) :]
    name = EITHER.sub(r"\1", name)
    if PATTERN_SIGNS.search(name):
        return None
    plain = re.sub(r"\\([^A-Za-z0-9])", r"\1", name)
    return plain if re.fullmatch(pattern, plain) else None


def _end_of_group(pattern: str, start: int) -> int:
    depth = 0
    for i in range(start, len(pattern)):
        depth += (pattern[i] == "(") - (pattern[i] == ")")
        if depth == 0:
            return i + 1
    return len(pattern)
