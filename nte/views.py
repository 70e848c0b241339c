"""How a view of the published copy is declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class View:
    """A SELECT of the published copy that has a name, and parameters where it is a macro."""

    name: str
    meaning: str
    select: str
    columns: Mapping[str, str] = field(default_factory=dict)
    """What its columns mean."""
    parameters: tuple[str, ...] = ()
