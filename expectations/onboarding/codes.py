"""What the values of a column mean: by the definitions, by the area file as it is, else by plain words."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

YES: Final = {"y", "yes", "true", "t", "1", "x"}
NO: Final = {"n", "no", "false", "f", "0"}
UNKNOWN: Final = {
    *("", "u", "unknown", "not_known", "nk", "n_k", "null", "none", "na", "n_a", "not_recorded", "not_stated")
}
LIVE: Final = {
    *(
        "recorded",
        "reclassified",
        "active",
        "live",
        "open",
        "current",
        "confirmed",
        "crimed",
        "detected",
        "undetected",
    ),
    *(
        "finalised",
        "filed",
        "under_investigation",
        "new",
        "valid",
        "conveyed",
        "see_and_treat",
        "hear_and_treat",
    ),
    *("attended", "completed"),
}
WITHDRAWN: Final = {
    *(
        "cancelled",
        "canceled",
        "no_crime",
        "no_crimed",
        "nocrime",
        "transferred",
        "transferred_out",
        "duplicate",
    ),
    *(
        "void",
        "voided",
        "deleted",
        "withdrawn",
        "error",
        "created_in_error",
        "stood_down",
        "cancelled_recorded",
    ),
}
PLACE_WORDS: Final = {
    "licensed_premises": ("licensed", "pub", "public_house", "bar", "nightclub", "night_club", "club"),
    "takeaway": ("takeaway", "take_away", "fast_food", "kebab"),
    "transport": ("transport", "bus", "train", "railway", "station", "taxi", "tram"),
    "public_place": (
        "street",
        "road",
        "car_park",
        "park",
        "footpath",
        "public_place",
        "open_space",
        "highway",
        "square",
    ),
    "other": ("other", "dwelling", "house", "home", "school", "hospital", "shop", "office", "residential"),
}
METHOD_WORDS: Final = {
    "sharp_object": (
        "knife",
        "knife_sharp",
        "sharp",
        "blade",
        "stab",
        "stabbed",
        "stabbing",
        "machete",
        "sharp_object",
    ),
    "glass_or_bottle": ("glass", "bottle", "glass_bottle", "glassing"),
    "blunt_object": ("blunt", "blunt_object", "bat", "hammer"),
    "bodily_force": (
        "fist",
        "foot",
        "fist_foot",
        "feet",
        "punch",
        "punched",
        "kick",
        "kicked",
        "pushed",
        "body_part",
        "push",
        "head_butt",
        "bodily_force",
    ),
    "other": ("other", "firearm", "gun"),
}
BESIDE: Final = {
    *("a", "an", "and", "at", "by", "in", "inside", "near", "of", "on", "or", "outside", "the", "to", "with"),
    *(
        "area",
        "building",
        "business",
        "commercial",
        "indoors",
        "location",
        "open",
        "outdoors",
        "place",
        "premises",
    ),
    *(
        "private",
        "property",
        "public",
        "retail",
        "space",
        "stop",
        "type",
        "venue",
        "entertainment",
        "late",
        "night",
    ),
    *("attack", "broken", "implement", "injury", "instrument", "object", "only", "used", "weapon"),
}
"""Words that may stand beside a plain one; with any other word a value may be a name or an address, and is not read."""
YEARS: Final = {"age", "aged", "and", "old", "over", "plus", "under", "years", "year", "yrs", "yr"}
CODE_AT_START: Final = re.compile(
    r"0*([0-9]{1,3}(?:\.[0-9])?[A-Z]?(?:/[0-9]{1,2})?)(?=\s*[-:–]\s|\s+[A-Z]{3})"
)
BAND: Final = re.compile(r"(?<![\d-])(\d{1,3})\s*(?:-|–|to|_)\s*(\d{1,3})(?![\d-])")
BAND_END: Final = re.compile(
    r"(?:under|<|less than|up to)\s*(\d{1,3})|(\d{1,3})\s*(?:\+|and over|plus|or over)|(?:over|>)\s*(\d{1,3})"
)
ADULT, GROWN = 18, 25


@dataclass(frozen=True)
class Words:
    """What the values of a column are read as."""

    read: dict[str, str]
    """By value: what it is here."""
    share: float
    """Of the filled rows so many have a value that is read."""
    unread: dict[str, int] = field(default_factory=dict)
    """By value that is not read: in how many rows it stands, the most frequent first."""

    @property
    def translated(self) -> dict[str, str]:
        """Return those that are written otherwise here."""
        return {said: here for said, here in self.read.items() if said != here}


def words_of(cells: pl.Series, read: Callable[[str], str | None]) -> Words:
    """Return what the values of a column (filled cells) are by a reading of one value."""
    counts = {str(value): int(n) for value, n in cells.value_counts().iter_rows()}
    found = {value: here for value in sorted(counts) if (here := read(value)) is not None}
    unread = {value: n for value, n in counts.items() if value not in found}
    unread = dict(sorted(unread.items(), key=lambda item: (-item[1], item[0])))
    return Words(found, sum(counts[value] for value in found) / max(cells.len(), 1), unread)


def plain_word(text: str) -> str:
    """Return a value in small letters, with one `_` for all other signs."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def plain_code(text: str) -> str:
    """Return a code in capitals, without blanks and leading noughts; between two figures a blank stays."""
    return re.sub(r"\s+(?=[A-Z])", "", text.strip().upper()).lstrip("0")


CASES: Final = (str, str.lower, str.upper, str.capitalize, str.title)
SIGNS: Final = (None, " ", "-", "_", ".", "/")
"""What may stand for the signs of a code; None: what does."""


def written_alike(
    sample: Mapping[str, str], known: Iterable[str], read: Callable[[str], str | None]
) -> dict[str, str]:
    """Return how all known codes are written in the ways of a sample: what is written, and the code.

    `sample` has the same of some codes; what could be two codes by `read` is left out.
    """
    ways = [(case, sign) for case in CASES for sign in SIGNS]
    seen = [way for way in ways if any(_written(code, *way) == said for said, code in sample.items())]
    every = {_written(code, *way): code for code in known for way in seen if not code.endswith("*")}
    return dict(sample) | {said: code for said, code in every.items() if said != code and read(said) == code}


def _written(code: str, case: Callable[[str], str], sign: str | None) -> str:
    return case(code if sign is None else re.sub(r"[^A-Za-z0-9]", sign, code))


def reads_code(known: Iterable[str]) -> Callable[[str], str | None]:
    """Return a reading of codes: as they stand, padded, in small letters, or with what they mean behind them."""
    codes = [code for code in known if not code.endswith("*")]
    forms: dict[str, set[str]] = {}
    for code in codes:
        for form in {plain_code(code), plain_word(code)}:
            forms.setdefault(form, set()).add(code)

    def read(text: str) -> str | None:
        if text in codes:
            return text
        starts = CODE_AT_START.match(text.upper())
        for form in (plain_code(text), plain_word(text), plain_code(starts[1]) if starts else ""):
            if len(forms.get(form, ())) == 1:
                return next(iter(forms[form]))
        return None

    return read


def reads_flag(text: str) -> str | None:
    """Read a yes or a no."""
    said = plain_word(text)
    return "yes" if said in YES else "no" if said in NO else None


def reads_age_group(text: str) -> str | None:
    """Read a band of ages that lies in one of ours as a whole; an age alone is none."""
    said = text.lower().strip()
    if not set(re.findall(r"[a-z]+", BAND_END.sub("", BAND.sub("", said)))) <= YEARS:
        return None
    if band := BAND.search(said):
        return _group(int(band[1]), int(band[2]))
    if end := BAND_END.search(said):
        under, at_least, over = (int(n) if n else None for n in end.groups())
        if under is not None:
            return _group(0, under - 1)
        least = at_least if at_least is not None else (over or 0) + 1
        return "25_and_over" if least >= GROWN else None
    return None


def _group(least: int, most: int) -> str | None:
    if most < ADULT:
        return "under_18"
    if least >= GROWN:
        return "25_and_over"
    return "18_24" if least >= ADULT and most < GROWN else None


def reads_words(known: Mapping[str, str], words: Mapping[str, Iterable[str]]) -> Callable[[str], str | None]:
    """Return a reading by the values that the area file knows, else by a plain word that stands in the value."""
    as_known = {plain_word(said): here for said, here in known.items()}
    plain_words = {part for said in words.values() for one in said for part in one.split("_")} | BESIDE

    def read(text: str) -> str | None:
        said = plain_word(text)
        if said in as_known:
            return as_known[said]
        if not set(said.split("_")) <= plain_words:
            return None
        found = {here for here, plain in words.items() for one in plain if f"_{one}_" in f"_{said}_"}
        return next(iter(found)) if len(found) == 1 else None

    return read


def reads_name(known: Iterable[str]) -> Callable[[str], str | None]:
    """Return a reading of names, such as districts: the same but for capitals and signs."""
    names = {plain_word(name): name for name in known}
    return lambda text: names.get(plain_word(text))
