"""Taking back the verdict on a delivery that was accepted and turns out not to be usable: a verdict of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from nte.tables.deliveries import (
    EVENT_PRINTS,
    NIGHTS_ASIDE,
    QUARANTINE,
    RECORD_PRINTS,
    VERDICT_REASONS,
    VERDICTS,
)
from nte.words import DeliveryVerdict

if TYPE_CHECKING:
    from nte.warehouse import Warehouse


@dataclass(frozen=True)
class NotUsed:
    """Why an accepted delivery cannot be used after all."""

    rule: str
    sentence: str
    """What is wrong and the next action, to follow the file's name."""


REPLACED: Final = NotUsed(
    "replaced_before_use",
    "changed or taken away after its check and before its rows were used, so none was. What stands in the inbox now is "
    "checked on its own; if nothing does, ask the provider.",
)
"""The file is no longer what was checked."""


def not_used(kind_of_error: str, source: str) -> NotUsed:
    """Return why rows that were believed could not be turned into records."""
    return NotUsed(
        "not_used",
        f"it could not be used ({kind_of_error}): something in it is not as this service knows files to be. Kept in "
        f"rejected/{source}; ask the provider to send it again.",
    )


def rejected_by_ops(why: str, source: str) -> NotUsed:
    """Return why a delivery that was held is refused for good."""
    return NotUsed(
        "rejected_by_ops",
        f"it was rejected by hand: {why}. Kept in rejected/{source}; none of its rows was used.",
    )


def take_back(warehouse: Warehouse, delivery: dict[str, Any], why: NotUsed) -> None:
    """Refuse an accepted delivery before any of its rows was used, whole or not at all."""
    this = "delivery_id = ?", [delivery["delivery_id"]]
    known = {"delivery_id": delivery["delivery_id"]}
    message = f"{delivery['file_name']}: {why.sentence}"
    before = warehouse.read(VERDICTS, *this).filter(pl.col("file_name") == delivery["file_name"])
    verdict = known | {
        "file_name": delivery["file_name"],
        "verdict": str(DeliveryVerdict.REJECTED),
        "decided_at": delivery["taken_at"],
        "n_rows": None if why is REPLACED else before["n_rows"].max(),
        "n_accepted": 0,
        "n_quarantined": 0,
        "n_warnings": 0,
        "summary": message,
    }
    reason = known | {
        "rule": why.rule,
        "column_name": "",
        "severity": "critical",
        "n_affected": verdict["n_rows"] or 0,
        "example_rows": "",
        "message": message,
    }
    with warehouse.transaction():
        warehouse.replace(VERDICTS, pl.DataFrame([verdict], VERDICTS.schema), *this)
        warehouse.merge(VERDICT_REASONS, pl.DataFrame([reason], VERDICT_REASONS.schema))
        warehouse.replace(QUARANTINE, QUARANTINE.empty(), *this)
        warehouse.replace(NIGHTS_ASIDE, NIGHTS_ASIDE.empty(), *this)
        warehouse.replace(RECORD_PRINTS, RECORD_PRINTS.empty(), *this)
        warehouse.replace(EVENT_PRINTS, EVENT_PRINTS.empty(), *this)
