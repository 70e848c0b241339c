"""How ops are told of a trouble: one message when it begins, and when it ends a reply and an edit of that message."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from alerts.outbox.intents import NOT_POSTED, PENDING, Intent
from alerts.words.links import Links
from alerts.words.message import Link, Message
from nte.area import Area

ENDED = "|mended"
_SMALL = "The thread says when it was over."


@dataclass(frozen=True)
class OpsWriter:
    """Writes ops messages of one purpose; `told` are the ids of all that were written before."""

    area: Area
    purpose: str
    told: Collection[str]
    links: Links = field(default_factory=Links)

    def head(
        self,
        head_id: str,
        text: str,
        small: str,
        *,
        links: Sequence[Link] = (),
        why_not: str | None = None,
    ) -> list[Intent]:
        """Return the message that tells of a trouble, unless it was told; `why_not`: it is not posted."""
        if head_id in self.told:
            return []
        return [self._intent(head_id, "head", text, small, links=links, why_not=why_not)]

    def ended(self, head_id: str, text: str, small: str = _SMALL) -> list[Intent]:
        """Return the reply and the edit that say the end of a trouble, once."""
        if f"{head_id}{ENDED}" in self.told:
            return []
        reply = self._intent(f"{head_id}{ENDED}", "reply", text, head_id=head_id)
        return [reply, self._intent(f"{head_id}{ENDED}-edit", "edit", text, small, head_id=head_id)]

    def standing(self, prefix: str) -> list[str]:
        """Return the troubles that were told and not ended, by the beginning of their ids."""
        heads = [m for m in self.told if m.startswith(prefix) and ENDED not in m]
        return sorted(m for m in heads if f"{m}{ENDED}" not in self.told)

    def _intent(
        self,
        message_id: str,
        kind: str,
        text: str,
        small: str = "",
        *,
        links: Sequence[Link] = (),
        head_id: str | None = None,
        why_not: str | None = None,
    ) -> Intent:
        return Intent(
            message_id=message_id,
            purpose=self.purpose,
            kind=kind,
            channel=self.area.slack.ops_channel,
            message=Message.of(
                f"{text} {small}".strip(), lead=text, small=[small] if small else (), links=links
            ),
            head_id=head_id,
            status=NOT_POSTED if why_not else PENDING,
            status_reason=why_not,
        )
