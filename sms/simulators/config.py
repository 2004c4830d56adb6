"""How the simulated gateways are set up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SmsConfig:
    """One account at each gateway.

    The inbound addresses are where texts from handsets go, as a customer has them entered at the
    vendor; reports go where each request says. `product_key` is Mitto's, `auth_token` Twilio's.
    `delay_seconds` is the pause before each report, `reply_seconds` before a handset answers. Where
    it `is_hushed`, texts are taken and nothing is called back. Texts that come by themselves have
    `pauses` between them and `answer_pauses` before an answer, from shortest to longest (seconds).
    """

    product_key: str = "mitto-product-key"
    account_sid: str = "AC00000000000000000000000000000001"
    auth_token: str = "0123456789abcdef0123456789abcdef"  # noqa: S105 - made up
    mitto_inbound_url: str = ""
    twilio_inbound_url: str = ""
    delay_seconds: float = 0.05
    reply_seconds: float = 1.0
    pauses: tuple[float, float] = (120, 300)
    answer_pauses: tuple[float, float] = (15, 50)
    is_hushed: bool = False
    seed: int = 1
