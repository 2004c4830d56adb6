"""What people do that says whom a call was with: the one table of it (RULES B3). Pure data.

`docs/architecture.md` shows the same table; a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

InteractionKind = Literal["chosen", "created", "popped", "opened", "dialled"]
#: The rules in the order in which they are asked; of one rule the latest interaction counts.
InteractionRule = Literal["B3.2", "B3.3", "B3.4"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """`rule` is the rule that an interaction of the kind speaks for, `deed` what was done, for a
    sentence that names who did it and which record follows."""

    rule: InteractionRule
    deed: str


INTERACTION_KINDS: Mapping[InteractionKind, Meaning] = {
    "chosen": Meaning("B3.2", "chose"),
    "created": Meaning("B3.2", "pressed New and saved"),
    "popped": Meaning("B3.3", "popped"),
    "opened": Meaning("B3.3", "opened"),
    "dialled": Meaning("B3.4", "dialled from"),
}
