"""What people read: the file, the thing, the next action. Never a cell of a delivery."""

import re
from collections.abc import Iterable
from typing import Final

from expectations.rules import IsNotBefore, Outcome, Severity
from nte.due import SEND_WHOLE

MOST_EXAMPLES: Final = 10
MOST_CODES: Final = 5

SAYINGS: Final[dict[str, str]] = {
    "unreadable": "it cannot be read: {detail}",
    "not_text": "it cannot be read: {detail}",
    "manifest_unreadable": "its manifest {detail}",
    "not_checked": "it could not be checked ({detail}): something in it is not as this service knows files to be",
    "columns_missing": "{detail}",
    "rows_not_as_declared": "{detail}: cut short or doubled",
    "rows_none": "a header, no rows and no manifest that says 0: a quiet day and a failed export look alike",
    "volume_extreme": "{detail}, and it has no manifest: cut short or doubled",
    "personal_data": "it holds what may never be here: {detail}",
    "most_rows_at_fault": "{detail}: its layout or its formats have probably changed",
    "not_used": "it could not be used ({detail}): something in it is not as this service knows files to be",
    "replaced_before_use": "it was changed or taken away after its check and before its rows were used",
    "events_under_new_ids": "{detail}: events would count twice",
    "events_twice": "{detail}: events would count twice",
    "ids_of_other_events": "{detail}: new events would take the place of old ones",
    "another_year": "{detail}",
    "events_of_an_earlier_year": "{detail}",
    "rejected_by_ops": "it was rejected by hand",
    "row_ragged": "more or fewer fields than the header",
    "key_missing": "{column} is empty",
    "key_rounded": "{column} is a number that a spreadsheet has rounded, such as 2.6E+10",
    "key_shared": "{column} is the same for different records: {detail}",
    "version_invalid": "{column} is not a whole number from 1",
    "state_unknown": "{column} is none of the known ones",
    "time_unreadable": "{column} fits no format of the area file, or not that of the other rows",
    "time_impossible": "{column} is later than the morning of the delivery, or too old to be right",
    "time_unlikely": "{column} is later than the morning of the delivery, or too old to be right; it places no row",
    "times_at_midnight": "{detail} are exactly midnight: dates without hours, which say no night",
    "order_impossible": "{column} lies before {other}",
    "code_unknown": "{column} has values that the area file does not know{detail}",
    "unplaced_unusual": "unusually many rows have no usable coordinates",
    "record_repeated": "{column} stands more than once with the same version; the last one counts",
    "version_contradicted": "{detail} came before with other content; the later delivery counts",
    "version_unlikely": "{detail}, far more than any that is known: a correction with a smaller one would not count",
    "columns_unknown": "{detail}; read past: no record has it",
    "volume_unusual": "{detail}",
    "manifest_contradicts": "a manifest that came later says otherwise: {detail}; its rows stay, and its nights are "
    "not known",
    "span_unlikely": "{detail}",
    "span_ends_late": "{detail}",
    "span_leaves_open": "{detail}: that night is not known",
    "source_gone_quiet": "{detail}. A failing feed looks like peace: ask the provider whether it is complete",
}
DECIDE: Final = (
    "Held in the inbox, and no row is used. Ask the provider what these ids are, then say `nte accept {file_name}` or "
    "`nte reject {file_name} --why …`."
)
CURES: Final[dict[str, str]] = {
    "events_under_new_ids": DECIDE,
    "ids_of_other_events": DECIDE,
    "events_twice": DECIDE,
    "another_year": "Kept in rejected/{source}; rename it and put it into the inbox again, or ask the provider to.",
    "code_unknown": "Add them to the area file, or ask the provider what they mean.",
    "state_unknown": "Add its values to live_states or withdrawn_states of [sources.{source}] in area.toml, or ask the "
    "provider what they mean.",
    "unplaced_unusual": "Ask the provider whether its coordinates have changed.",
    "personal_data": "Nothing of it was kept but a receipt in rejected/{source}; tell the provider, who must "
    "send it again without.",
    "not_text": "What is no text cannot be searched for personal data, so nothing of it was kept but a receipt in "
    "rejected/{source}; ask the provider to send it again as agreed.",
    "replaced_before_use": "None of its rows was used; what stands in the inbox now is checked on its own.",
    "manifest_contradicts": SEND_WHOLE,
    "span_unlikely": "Ask the provider to correct the manifest; an older time is sent as a history load, whose name "
    "says it.",
    "span_ends_late": "Ask the provider to correct the manifest.",
    "span_leaves_open": "Ask the provider for the rest, or to correct the manifest.",
    "source_gone_quiet": "",
    "time_unlikely": "",
    "times_at_midnight": "Ask the provider for the hours.",
    "columns_unknown": "",
    "record_repeated": "",
    "version_contradicted": "Ask the provider to raise the version with every change.",
    "version_unlikely": "Ask the provider to number versions from 1, and what to do about these.",
    "volume_unusual": "Ask the provider whether it is complete.",
}
DEFAULT_CURES: Final = {
    Severity.CRITICAL: "Kept in rejected/{source}; ask the provider to send it again.",
    Severity.ERROR: "Ask the provider for a corrected version.",
    Severity.WARNING: "",
}
CODE_FORMS: Final = re.compile(r"(?=.{1,8}$)(?=.*[0-9])(?!(?:.*[0-9]){6})[A-Z0-9][A-Z0-9./_~-]*")
"""What looks like a code, not like a name, a date or a sentence: only that is ever repeated in a message."""
MOST_OF_FORM: Final = 12


def say(outcome: Outcome) -> str:
    """Return what is wrong, without the file, the count and the next action."""
    rule = outcome.rule
    other = rule.test.other if isinstance(rule.test, IsNotBefore) else ""
    return SAYINGS[rule.rule].format(column=rule.column, other=other, detail=outcome.detail)


def explain(outcome: Outcome, file_name: str, source: str) -> str:
    """Return the whole message: the file, the thing, the rows, the next action."""
    rule = outcome.rule
    cure = CURES.get(rule.rule, DEFAULT_CURES[rule.severity]).format(source=source, file_name=file_name)
    aside = " set aside" if rule.severity is Severity.ERROR else ""
    count = f"{rows(len(outcome.rows))}{aside}: " if outcome.rows else ""
    return f"{file_name}: {count}{say(outcome)}{examples(outcome.rows)}. {cure}".strip()


def rows(n: int) -> str:
    """Return `1 row` or `n rows`."""
    return "1 row" if n == 1 else f"{n} rows"


def examples(numbers: tuple[int, ...]) -> str:
    """Return the first few row numbers, in brackets."""
    if not numbers:
        return ""
    more = ", …" if len(numbers) > MOST_EXAMPLES else ""
    return f" (row{'s' * (len(numbers) > 1)} {listed(numbers)}{more})"


def listed(numbers: tuple[int, ...]) -> str:
    """Return the first few row numbers, with commas."""
    return ", ".join(str(n) for n in numbers[:MOST_EXAMPLES])


def _form(value: str) -> str:
    """Return the form of a value, such as Xxxxx 99: capitals, letters and digits alone are told apart."""
    form = re.sub(
        r"[^Xx9]", " ", re.sub(r"[0-9]", "9", re.sub(r"[^\W\d_A-Z]", "x", re.sub(r"[A-Z]", "X", value)))
    )
    return f"`{form[:MOST_OF_FORM].strip()}{'…' * (len(form) > MOST_OF_FORM)}`"


def name_codes(values: Iterable[str]) -> str:
    """Return the unknown codes that look like codes, and how many others there are, with the form of the first."""
    values = list(values)
    codes = [value for value in values if CODE_FORMS.fullmatch(value)]
    said = codes[:MOST_CODES]
    others = [value for value in values if value not in said]
    like = f", such as {_form(others[0])}" if others else ""
    others = [f"{len(others)} more not repeated here{like}"] if others else []
    return f": {', '.join([*said, *others])}" if values else ""
