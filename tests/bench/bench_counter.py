"""Counting segments on the server, against two libraries that others use for it."""

import random
import time
from collections.abc import Callable, Iterable, Sequence

import gsm0338
import smsutil

from sms.segments import count_segments
from tests.bench.interleaved import interleave
from tests.bench.registry import Figure, benchmark
from tests.bench.stage import Stage

_TEXTS = 2_000
_WORDS = (
    "Hello", "Ana", "your", "order", "arrives", "tomorrow", "between", "10:00", "and", "12:00.",
    "Reply", "STOP", "to", "end", "Grüße", "señor", "[50€]", "{code}",
)  # fmt: skip
#: A text in ten needs Unicode, as a curly quote or an emoji from somebody's telephone makes it.
_UNICODE = ("it’s", "👋", "–")
_codec = gsm0338.Codec()


@benchmark("counter", "texts of one to three segments, against the faster of two libraries")
def measure(stage: Stage) -> Iterable[Figure]:
    """The same texts by each; a library's count is what its users would call for one."""
    texts = make_texts(_TEXTS)
    rates = interleave(
        stage.rounds,
        {
            "ours": lambda: _rate(count_segments, texts),
            "smsutil": lambda: _rate(smsutil.split, texts),
            "gsm0338": lambda: _rate(count_by_codec, texts),
        },
    )
    yield Figure("counter: texts to smsutil", "/s", rates["ours"], rates["smsutil"])
    yield Figure("counter: texts to gsm0338", "/s", rates["ours"], rates["gsm0338"])
    fastest = max(rates["smsutil"], rates["gsm0338"])
    yield Figure("counter: texts to the fastest library", "/s", rates["ours"], fastest)


def make_texts(how_many: int) -> Sequence[str]:
    """Always the same ones: 5 to 70 words, one text in ten with a character outside GSM-7."""
    dice = random.Random(7)
    texts = []
    for _ in range(how_many):
        words = dice.choices(_WORDS, k=dice.randint(5, 70))
        if dice.random() < 0.1:
            words.insert(dice.randrange(len(words)), dice.choice(_UNICODE))
        texts.append(" ".join(words))
    return texts


def count_by_codec(text: str) -> int:
    """Segments by a codec alone, which cannot see that a pair is never cut in two."""
    try:
        septets = len(_codec.encode(text)[0])
    except UnicodeEncodeError:
        units = len(text.encode("utf-16-be")) // 2
        return 1 if units <= 70 else -(-units // 67)
    return 1 if septets <= 160 else -(-septets // 153)


def _rate(count: Callable[[str], object], texts: Sequence[str]) -> float:
    started = time.perf_counter()
    for text in texts:
        count(text)
    return len(texts) / (time.perf_counter() - started)
