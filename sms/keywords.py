"""What a reply asks for: stop, start, help, or nothing of the kind (RULES D3).

Pure. Words are compared folded (`fold`): without regard to case, accents, width, dots on an I,
invisible characters and what stands around them, in every script. Never by a database's collation.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Wish(StrEnum):
    """What a text asks for."""

    STOP = "stop"
    #: A stop word stands inside other text: a person decides, and marketing waits meanwhile.
    PERHAPS_STOP = "perhaps_stop"
    START = "start"
    HELP = "help"
    NONE = "none"


#: Each of these is decisive by itself in the US (47 CFR 64.1200(a)(10)): what a new list holds.
DECISIVE_STOP_WORDS = ("STOP", "QUIT", "END", "REVOKE", "OPT OUT", "CANCEL", "UNSUBSCRIBE")
#: Offered when the list is empty. Decisive in the US by 47 CFR 64.1200(a)(10), and what the
#: large gateways act upon by themselves; then the words of other languages.
SUGGESTED_STOP_WORDS = (
    *("STOP", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPT OUT", "REMOVE"),
    *("ARRET", "ALTO", "BAJA", "PARAR", "CANCELAR", "NO MAS", "SAIR", "STOPP", "ABMELDEN"),
    *("FERMA", "BASTA", "CANCELLAMI", "AFMELDEN", "DUR", "IPTAL", "WYPISZ", "СТОП", "ΣΤΟΠ"),
)
START_WORDS = ("START", "UNSTOP")
#: People answer questions with it: it means start only where the person is opted out.
START_WHERE_OPTED_OUT = ("YES",)
HELP_WORDS = ("HELP", "INFO")
#: May follow a stop word without making it mean anything else.
_COURTESY = frozenset(
    {"please", "pls", "plz", "now", "it", "this", "all", "me", "thanks", "thank", "you"}
    | {"text", "texts", "texting", "sms", "message", "messages", "immediately"}
    | {"bitte", "danke", "merci", "por", "favor", "gracias", "obrigado", "grazie"}
)
_INNER_GAP = re.compile(r"[\s_\-‐‑–—]+")


def fold(text: str) -> str:
    """The form in which words are compared: letters and digits, one space between words."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ı", "i")
    plain = "".join(
        character
        for character in unicodedata.normalize("NFD", text)
        if unicodedata.category(character) not in ("Mn", "Cf")
    )
    words = (_strip_edges(word) for word in _INNER_GAP.split(plain))
    return " ".join(word for word in words if word)


def _strip_edges(word: str) -> str:
    """Without what is neither letter nor digit at both ends: quotes, full stops, emoji."""
    first = next((at for at, character in enumerate(word) if character.isalnum()), len(word))
    last = next((at for at in range(len(word), first, -1) if word[at - 1].isalnum()), first)
    return word[first:last]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text asks for, and the stop word that said so, as the workspace wrote it."""

    wish: Wish
    keyword: str = ""


class Keywords:
    """The stop words of one workspace, ready to be compared."""

    def __init__(self, stop_words: Iterable[str]) -> None:
        #: Folded without spaces, so that "OPT OUT", "opt-out" and "optout" are one word.
        self._stop = {_joined(word): word for word in stop_words if fold(word)}
        self._longest = max((len(fold(word).split()) for word in self._stop.values()), default=0)

    def understand(self, text: str, *, is_opted_out: bool = False) -> Understood:
        """What the text asks for. Stop goes before start, start before help.

        ``is_opted_out`` is whether the sender is opted out now: only then does "yes" mean start.
        """
        words = fold(text).split()
        if keyword := self._stop.get("".join(words)):
            return Understood(Wish.STOP, keyword)
        if keyword := self._first_word(words):
            return Understood(Wish.STOP, keyword)
        if _is_one_of(words, (*START_WORDS, *START_WHERE_OPTED_OUT * is_opted_out)):
            return Understood(Wish.START)
        if _is_one_of(words, HELP_WORDS):
            return Understood(Wish.HELP)
        if keyword := self._anywhere(words):
            return Understood(Wish.PERHAPS_STOP, keyword)
        return Understood(Wish.NONE)

    def _first_word(self, words: list[str]) -> str | None:
        """The stop word that the text begins with, if only courtesy follows."""
        for length in range(min(self._longest, len(words)), 0, -1):
            keyword = self._stop.get("".join(words[:length]))
            if keyword and _COURTESY.issuperset(words[length:]):
                return keyword
        return None

    def _anywhere(self, words: list[str]) -> str | None:
        for at in range(len(words)):
            for length in range(1, self._longest + 1):
                if keyword := self._stop.get("".join(words[at : at + length])):
                    return keyword
        return None


def _joined(word: str) -> str:
    return fold(word).replace(" ", "")


def _is_one_of(words: list[str], wanted: Collection[str]) -> bool:
    return "".join(words) in {_joined(word) for word in wanted}
