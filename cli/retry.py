"""`nte retry`: the rows that were set aside, judged anew, and the counts that follow from them."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console

from cli.terminal import harmless
from expectations.steps import Retried, retry_quarantine
from nte.area import Area
from nte.errors import MisuseError
from nte.settings import Settings
from transforms.steps import conform_deliveries, count_nights


def retry_sources(
    console: Console, settings: Settings, area: Area, sources: Sequence[str], now: datetime
) -> list[Retried]:
    """Judge anew what was set aside of these sources, count the nights, and say what came of it.

    Safe to repeat. Raises MisuseError for a source that the area does not have.
    """
    if unknown := [source for source in sources if source not in area.sources]:
        raise MisuseError(f"{unknown[0]!r} is no source of this area. It has: {', '.join(area.sources)}.")
    answers = []
    for source in sources:
        answers.append(retry_quarantine(settings, area, source, now))
        conform_deliveries(settings, area, source)
        console.print(harmless(area.ask(tell_retried(answers[-1]), source)), highlight=False, soft_wrap=True)
    done = count_nights(
        settings, area, now
    )  # also of a retry before this one that was killed before it counted
    if any(answer.n_released for answer in answers) or done.n_revisions_new:
        console.print(f"{done.n_revisions_new:,} night counts are new. Next: `nte run` judges those nights.")
    return answers


def tell_retried(answer: Retried) -> str:
    """Return one line: what was released, what is still aside, and the next action."""
    parts = [f"{answer.n_released:,} rows released, {answer.n_still_aside:,} still set aside"]
    if answer.not_kept:
        names = ", ".join(answer.not_kept[:3]) + (", …" if len(answer.not_kept) > 3 else "")  # noqa: PLR2004
        parts.append(f"no longer kept, ask the provider to send again: {names}")
    if not answer.n_released and answer.n_still_aside:
        parts.append("correct the mapping in the area file first")
    return f"{answer.source}: {'; '.join(parts)}."
