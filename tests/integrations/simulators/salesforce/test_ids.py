"""Record ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.simulators.salesforce.ids import (
    BASE62,
    MalformedIdError,
    instance_code,
    make_id,
    suffix,
    to_18,
)


def test_the_suffix_of_a_documented_id() -> None:
    assert suffix("001D000000IqhSL") == "IAZ"


@given(st.text(BASE62, min_size=15, max_size=15))
def test_the_long_form_survives_the_loss_of_case(id15: str) -> None:
    long_form = to_18(id15)
    assert to_18(long_form.lower()) == to_18(long_form.upper()) == long_form
    assert long_form[:15] == id15


@pytest.mark.parametrize("text", ["", "003", "003000000000001AA", "003-00000000001", "0" * 16])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(MalformedIdError):
        to_18(text)


def test_ids_of_two_orgs_differ() -> None:
    acme, globex = instance_code("Acme Instruments"), instance_code("Globex")
    assert acme != globex
    assert make_id("003", acme, 1) != make_id("003", globex, 1)
    assert len(make_id("003", acme, 10**12)) == 18
