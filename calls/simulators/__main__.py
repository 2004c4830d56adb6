"""`python -m calls.simulators --port 8030 --hook-url … --secret whsec_…`."""

from __future__ import annotations

import argparse
import time

from integrations.simulators.server import serve

from .app import make_app
from .config import PhoneSystemConfig


def main() -> None:
    """Run the phone system simulator until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A phone system that sends signed call events.")
    parser.add_argument("--port", type=int, default=8030)
    parser.add_argument("--hook-url", default="", help="where events go; without it nowhere")
    parser.add_argument("--secret", default="", help="what signs them: whsec_ and base64")
    parser.add_argument("--seed", type=int, help="repeatable ids; by default new ones each start")
    options = parser.parse_args()
    config = PhoneSystemConfig(
        hook_url=options.hook_url,
        secret=options.secret,
        seed=int(time.time()) if options.seed is None else options.seed,
    )
    serve(
        make_app(config),
        port=options.port,
        ready=lambda url: print(f"Phone system simulator: {url}", flush=True),  # noqa: T201
    )


if __name__ == "__main__":
    main()
