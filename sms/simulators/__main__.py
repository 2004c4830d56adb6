"""`python -m sms.simulators --port 8020 --product-key … --inbound-url …`."""

from __future__ import annotations

import argparse

from integrations.simulators.server import serve

from .app import make_app
from .config import SmsConfig


def main() -> None:
    """Run the gateways' simulator until Ctrl-C."""
    usual = SmsConfig()
    parser = argparse.ArgumentParser(description="Mitto and Twilio with handsets behind them.")
    parser.add_argument("--port", type=int, default=8020)
    parser.add_argument("--product-key", default=usual.product_key, help="Mitto's API key")
    parser.add_argument("--account-sid", default=usual.account_sid, help="Twilio's account")
    parser.add_argument("--auth-token", default=usual.auth_token, help="and its Auth Token")
    parser.add_argument("--mitto-inbound-url", default="", help="where replies go by Mitto")
    parser.add_argument("--twilio-inbound-url", default="", help="where replies go by Twilio")
    options = vars(parser.parse_args())
    port = options.pop("port")
    serve(
        make_app(SmsConfig(**options)),
        port=port,
        ready=lambda url: print(f"SMS gateway simulator: {url}", flush=True),  # noqa: T201
    )


if __name__ == "__main__":
    main()
