"""The words that opt out whoever answers with one of them (MIT-22 to 24, MIT-56, K-16)."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from integrations.tenancy import current_workspace_id
from sms.keywords import (
    DECISIVE_STOP_WORDS,
    HELP_WORDS,
    START_WHERE_OPTED_OUT,
    START_WORDS,
    SUGGESTED_STOP_WORDS,
    fold,
)
from sms.models import OptOutKeyword

#: The first of the suggested words; the others are of other languages.
_ENGLISH = 9
_OTHER_MEANINGS = (*START_WORDS, *START_WHERE_OPTED_OUT, *HELP_WORDS)


def begin_with_usual_words() -> None:
    """What the list of a new workspace holds; who wants it empty can empty it (K-16)."""
    add_words(DECISIVE_STOP_WORDS)


def add_words(words: Iterable[str]) -> list[str]:
    """Add those of these words that the workspace in scope lacks; returns them."""
    known = _known()
    new = {_joined(word): word for word in reversed(list(words))}
    missing = [word for form, word in reversed(new.items()) if form not in known]
    OptOutKeyword.objects.bulk_create(
        [
            OptOutKeyword(workspace_id=current_workspace_id(), word=word, folded=fold(word))
            for word in missing
        ],
        ignore_conflicts=True,
    )
    return missing


def missing_suggestions() -> tuple[list[str], list[str]]:
    """Suggested words that the workspace lacks: the English ones, and those of other languages."""
    known = _known()
    missing = [word for word in SUGGESTED_STOP_WORDS if _joined(word) not in known]
    english = set(SUGGESTED_STOP_WORDS[:_ENGLISH])
    return [w for w in missing if w in english], [w for w in missing if w not in english]


def clean_word(typed: str) -> str:
    """The word as it is stored; raises ValidationError where it cannot opt anybody out."""
    word = " ".join(typed.split())
    if not fold(word):
        raise ValidationError(_("A word needs a letter or a digit."))
    if _joined(word) in {_joined(other) for other in _OTHER_MEANINGS}:
        raise ValidationError(
            _(
                "%(word)s means something else: people ask for help with it, or to be written "
                "to again."
            )
            % {"word": word}
        )
    if same := _known().get(_joined(word)):
        raise ValidationError(
            _(
                "%(word)s is in the list already, as %(same)s. Case, accents and spaces do not "
                "matter."
            )
            % {"word": word, "same": same}
        )
    return word


def _known() -> dict[str, str]:
    """The words of the workspace by the form in which they are compared."""
    return {_joined(word): word for word in OptOutKeyword.objects.values_list("word", flat=True)}


def _joined(word: str) -> str:
    # "OPT OUT", "opt-out" and "optout" are one word to whoever compares (`sms.keywords`).
    return fold(word).replace(" ", "")
