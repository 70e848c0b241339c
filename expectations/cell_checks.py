"""Looks twice at a cell that may hold personal data. Says yes or no, never what it saw."""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

RULES_FILE: Final = Path(__file__).with_name("personal_data.toml")
OLDEST_BIRTH_YEAR: Final = 1900
YOUNGEST: Final = timedelta(days=366)
"""A date this long before a delivery is no event of it. A date with a time of day is an event, not a birth."""
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
TEN_DIGITS: Final = re.compile(r"(?<![\d.,/+-])([1-9]\d{2})([ -]?)(\d{3})\2(\d{4})(?![\d]|[.,/-]\d)")
POSTCODE: Final = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{1,2})\d[A-Za-z\d]?[ -]{0,2}(\d[ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2})(?![A-Za-z0-9])"
)
ORDINALS: Final = ("nd", "rd", "th", "st")
PHONE: Final = re.compile(r"(?<![\d.,/-])(\+ ?44|0044|\(?0)([ \-()]{0,3}(?:\d[ \-()]{0,2}){8,10}\d)(?!\d)")
EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
BORN: Final = re.compile(r"\b(?:d\.?o\.?b\.?|date of birth|born|birth)(?![a-z]).{0,16}\d", re.IGNORECASE)
YEAR_FIRST: Final = re.compile(r"(?<![\d/.-])(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?![\d/.-]|[ T]\d{1,2}:\d)")
DAY_FIRST: Final = re.compile(
    r"(?<![\d/.-])(\d{1,2})([/.\- ])(\d{1,2}|[A-Za-z]{3,9})\2(\d{4}|\d{2})(?![\d/-]|[ T]\d{1,2}:\d)"
)
NATIONAL_DIGITS: Final = (9, 10)
FIRST_PHONE_DIGITS: Final = "12378"


def is_personal(kind: str, text: str, first_date: date | None = None) -> bool:
    """Say whether a cell holds this kind of personal data; dates are held against the delivery's first date."""
    if kind == "date_of_birth":
        return first_date is not None and _has_birth_date(text, first_date)
    return CHECKS[kind](text)


def has_nhs_number(text: str) -> bool:
    """Say whether the text holds ten digits whose last is the check digit of the others (modulo 11)."""
    return any(_is_nhs_number("".join(match.group(1, 3, 4))) for match in TEN_DIGITS.finditer(text))


def _is_nhs_number(digits: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    check = (11 - total % 11) % 11
    return check == int(digits[9]) and len(set(digits)) > 1


def has_postcode(text: str) -> bool:
    """Say whether the text holds a United Kingdom postcode with its unit."""
    return any(
        match[1].upper() in _postcode_areas() and match[2][1:] not in ORDINALS
        for match in POSTCODE.finditer(text)
    )


@cache
def _postcode_areas() -> frozenset[str]:
    rules = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
    return frozenset(str(rules["postcode_areas"]["uk"]).split())


def has_phone(text: str) -> bool:
    """Say whether the text holds a United Kingdom phone number."""
    for match in PHONE.finditer(text):
        digits = re.sub(r"\D", "", match[2]).removeprefix("0" if match[1] != "0" else "")
        if len(digits) in NATIONAL_DIGITS and digits[0] in FIRST_PHONE_DIGITS:
            return True
    return False


def has_email(text: str) -> bool:
    """Say whether the text holds an e-mail address."""
    return EMAIL.search(text) is not None


def _has_birth_date(text: str, first_date: date) -> bool:
    if BORN.search(text):
        return True
    return any(
        found.year >= OLDEST_BIRTH_YEAR and found < first_date - YOUNGEST
        for found in _dates(text, first_date)
    )


def _dates(text: str, first_date: date) -> Iterator[date]:
    for match in YEAR_FIRST.finditer(text):
        yield from _date(match[1], match[3], match[4], first_date)
    for match in DAY_FIRST.finditer(text):
        yield from _date(match[4], match[3], match[1], first_date)


def _date(year: str, month: str, day: str, first_date: date) -> Iterator[date]:
    name = month[:3].lower()
    number = MONTHS.index(name) + 1 if name in MONTHS else int(month) if month.isdigit() else 0
    full = int(year)
    if len(year) == 2:  # noqa: PLR2004  a year of two digits
        full += 2000 if full <= first_date.year % 100 else 1900
    for one, other in ((number, int(day)), (int(day), number)):
        try:
            yield date(full, one, other)
        except ValueError:
            continue
        return


CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "nhs_number": has_nhs_number,
    "uk_postcode": has_postcode,
    "uk_phone": has_phone,
    "email": has_email,
}
