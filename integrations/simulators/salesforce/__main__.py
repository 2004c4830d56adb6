"""`python -m integrations.simulators.salesforce --port 8010`: one org, until Ctrl-C."""

from __future__ import annotations

import argparse
import sys

from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import DEMO_APP, OrgConfig
from integrations.simulators.server import serve


def main() -> None:
    """Read the options and serve."""
    defaults = OrgConfig()
    parser = argparse.ArgumentParser(description="A simulated Salesforce org.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--name", default=defaults.name, help="of the org")
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--more", type=int, default=0, help="records around the seed's company")
    parser.add_argument("--store", default=defaults.store_path, help="SQLite file; memory if unset")
    parser.add_argument("--lag", type=float, default=defaults.index_lag_seconds, help="of search")
    options = parser.parse_args()
    config = OrgConfig(
        name=options.name,
        seed=options.seed,
        more_records=options.more,
        store_path=options.store,
        index_lag_seconds=options.lag,
        public_url=f"http://{options.host}:{options.port}" if options.port else None,
    )
    app = make_app(config)

    def ready(url: str) -> None:
        lines = [
            f"Simulated Salesforce org at {url}",
            f"consumer key     {DEMO_APP.consumer_key}",
            f"consumer secret  {DEMO_APP.consumer_secret}",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()

    serve(app, host=options.host, port=options.port, ready=ready)
    app.state.org.store.close()


if __name__ == "__main__":
    main()
