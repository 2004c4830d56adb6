"""Which words name a number or a record, and what is left without them."""

from typing import Any

import pytest

from integrations.mentions import Identity, strike

NUMBER = Identity(phone_e164="+14155550101")
RECORD = Identity(record_id="003000000000001AAA")


@pytest.mark.parametrize(
    ("identity", "before", "after"),
    [
        (NUMBER, "Call from +14155550101", "Call from …"),
        (NUMBER, "q=%2B14155550101&page=2", "q=…&page=2"),
        (NUMBER, "sip:0014155550101@pbx", "sip:…@pbx"),
        (NUMBER, {"from": "14155550101", "to": "+14155550170"},
         {"from": "…", "to": "+14155550170"}),
        (NUMBER, "(415) 555-0101 or 415-555-0101", "… or …"),
        (NUMBER, "tel. 4155550101, +1 415-555-0101", "tel. …, …"),
        (NUMBER, "415-555-01011 and 24155550101", "415-555-01011 and 24155550101"),
        (Identity(phone_e164="+4930123456"), "030 123456, 0049 30 123456", "…, …"),
        (NUMBER, "214155550101 and 141555501012", "214155550101 and 141555501012"),
        (NUMBER, [1, None, True, 14155550101.5], [1, None, True, 14155550101.5]),
        (RECORD, "/lightning/r/003000000000001AAA/view", "/lightning/r/…/view"),
        (RECORD, "003000000000001", "…"),
        (RECORD, "003000000000001AAB0", "003000000000001AAB0"),
        (RECORD, {"WhoId": "003000000000001AAA"}, {"WhoId": "…"}),
        (RECORD, [{"record_id": "003000000000001", "name": "Ana"}, {"record_id": "0"}],
         [{"record_id": "0"}]),
        (RECORD, {"record": {"record_id": "003000000000001AAA", "name": "Ana", "flag": True}},
         {"record": {"record_id": "", "name": "", "flag": True}}),
        (NUMBER, [{"record_id": "", "name": "Ana"}], [{"record_id": "", "name": "Ana"}]),
    ],
)  # fmt: skip
def test_mentions_go_and_everything_else_stays(identity: Identity, before: Any, after: Any) -> None:
    assert strike(before, identity) == after
