"""Which checkbox of an org is the SMS opt-out."""

from typing import Any

import pytest

from sms.opt_out_field import choose_flag_field


def checkbox(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "boolean", "updateable": True, **more}


PHONES = [{"name": "Phone", "type": "phone"}, {"name": "MailingCountry", "type": "string"}]


@pytest.mark.parametrize(
    ("sobject", "names", "wanted", "found"),
    [
        ("Contact", ["HasOptedOutOfEmail", "DoNotCall"], "", None),
        ("Contact", ["Opted_Out_Of_SMS__c", "SMS_Opt_Out__c"], "", "SMS_Opt_Out__c"),
        ("Lead", ["tdc_tsw__SMS_Opt_out__c"], "", "tdc_tsw__SMS_Opt_out__c"),
        ("Contact", ["SMS_Opt_Out__c", "No_Texts__c"], "no_texts__c", "No_Texts__c"),
        ("Contact", ["SMS_Opt_Out__c"], "No_Texts__c", None),
        ("Account", ["SMS_Opt_Out__c", "SMS_Opt_Out__pc"], "", "SMS_Opt_Out__pc"),
        ("Account", ["No_Texts__pc"], "No_Texts__c", "No_Texts__pc"),
    ],
    ids=["none", "ours first", "a package's", "named", "named and gone", "person", "named person"],
)
def test_the_checkbox_is_the_named_one_or_one_that_is_called_so(
    sobject: str, names: list[str], wanted: str, found: str | None
) -> None:
    field = choose_flag_field(sobject, [*PHONES, *map(checkbox, names)], wanted)
    assert (field.name if field else None) == found


def test_what_the_user_may_not_see_or_change_is_known() -> None:
    hidden = checkbox("SMS_Opt_Out__c", updateable=False)
    field = choose_flag_field("Contact", [*PHONES, hidden], "")
    assert field is not None
    assert (field.is_writable, field.phones, field.country) == (False, ("Phone",), "MailingCountry")
    text = {"name": "SMS_Opt_Out__c", "type": "string", "updateable": True}
    assert choose_flag_field("Contact", [text], "") is None
