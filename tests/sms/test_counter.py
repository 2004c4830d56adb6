"""The figures under a text box: the source document's order, and the same in the browser."""

import json
import random
import subprocess
from pathlib import Path

import pytest

from sms.counter import reckon, show_count
from sms.merge import read_template
from sms.segments import GSM_BASIC, count_segments
from sms.typography import REPLACEMENTS, replace_typography

TWIN = Path(__file__).parent / "reckon_in_node.mjs"
VALUES = {"FirstName": "Zoë", "Name": " ", "Account.Name": "Harbor & Pine {{LastName}}"}
#: Whole fields, halves of fields, spaces that Python and JavaScript strip differently, and letters.
PIECES = (
    *("{{FirstName}}", "{{ Name |there}}", "{{Account.Name}}", "{{LastName|}}", "{{constructor}}"),
    *("{{", "}}", "{", "|", "{{1}}", "{{a|b|c}}"),
    *("{{\ufeffName}}", "{{Name\x1c}}", "{{Name|\x85}}"),
    *("’", "…", "\u00a0", "ж", "😀", "e\u0301", "\r\n", "\n", " ", *GSM_BASIC[:40]),
)


def test_the_figures_stand_in_the_order_of_the_source_document() -> None:
    assert show_count(count_segments("a" * 172), recipients=42) == "172 / 160 [2] 84"
    assert show_count(count_segments("")) == "0 / 160 [0] 0"
    assert show_count(count_segments("ж" * 71)) == "71 / 70 [2] 2"


@pytest.mark.parametrize(
    ("text", "units", "is_approximate"),
    [
        ("Hi {{FirstName}}", 13, True),
        ("Hi {{FirstName|there}}", 13, True),
        ("Hi FirstName", 12, False),
        ("Hi {{1}}", 12, False),
    ],
)
def test_a_field_counts_ten(text: str, units: int, is_approximate: bool) -> None:
    reckoning = reckon(text)
    assert (reckoning.counted.units, reckoning.is_approximate) == (units, is_approximate)


def test_the_browser_reckons_ten_thousand_texts_alike(node: str, tmp_path: Path) -> None:
    dice = random.Random(20261122)
    texts = ["".join(dice.choices(PIECES, k=dice.randint(0, 90))) for _ in range(10_000)]
    sample = tmp_path / "texts.json"
    sample.write_text(
        json.dumps({"texts": texts, "values": VALUES, "replacements": dict(REPLACEMENTS)})
    )
    run = subprocess.run([node, TWIN, sample], capture_output=True, check=True, text=True)
    for text, answer in zip(texts, json.loads(run.stdout), strict=True):
        reckoning, template = reckon(text), read_template(text)
        assert answer == [
            show_count(reckoning.counted),
            reckoning.is_approximate,
            template.render(VALUES),
            list(template.empty_fields(VALUES)),
            replace_typography(text),
        ], repr(text)
