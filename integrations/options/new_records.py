"""What opens when a call without a match is answered, and when it is stored (K-04 to K-06, B7).

The one table of this: the options page says it in words, the panel acts by it.
"""

from dataclasses import dataclass
from typing import Literal

from integrations.options.specs import Surface

Opens = Literal["stored record", "unsaved form", "edit form"]


@dataclass(frozen=True)
class NewRecord:
    """``is_stored_on_answer``: Patchbay makes the record; otherwise it exists once saved."""

    opens: Opens
    is_stored_on_answer: bool


def new_record_on_answer(surface: Surface, *, edit_mode: bool, auto_create: bool) -> NewRecord:
    """The agent's view of an answered call that matches nothing. Edit mode goes first (K-06)."""
    if surface is Surface.LIGHTNING:
        return NewRecord("unsaved form", is_stored_on_answer=False)
    if edit_mode:
        return NewRecord("edit form", is_stored_on_answer=False)
    if auto_create:
        return NewRecord("stored record", is_stored_on_answer=True)
    return NewRecord("unsaved form", is_stored_on_answer=False)
