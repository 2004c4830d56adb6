"""An org whose data live in a file."""

from pathlib import Path

import requests

from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import OrgConfig
from integrations.simulators.server import run_in_thread
from tests.integrations.simulators.org_client import OrgClient


def test_records_and_tokens_survive_a_restart(tmp_path: Path) -> None:
    config = OrgConfig(store_path=str(tmp_path / "org.db"), public_url="http://sf.test:8010")
    app = make_app(config)
    with run_in_thread(app) as server, requests.Session() as session:
        org = OrgClient(server.url, session)
        org.sign_in()
        assert org.tokens["instance_url"] == "http://sf.test:8010"
        task_id = org.create_id("Task", Subject="Kept")
        tokens = org.tokens
    app.state.org.store.close()

    app = make_app(config)
    with run_in_thread(app) as server, requests.Session() as session:
        org = OrgClient(server.url, session)
        session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        assert org.call("GET", f"sobjects/Task/{task_id}").json()["Subject"] == "Kept"
        assert org.create_id("Task") > task_id
    app.state.org.store.close()


def test_the_same_seed_makes_the_same_company_and_another_does_not() -> None:
    def phones(seed: int) -> list[str]:
        app = make_app(OrgConfig(seed=seed))
        rows = app.state.org.store.rows("SELECT Name, Phone FROM Contact ORDER BY Id")
        app.state.org.store.close()
        return [f"{row['Name']} {row['Phone']}" for row in rows]

    assert phones(1) == phones(1)
    assert phones(1) != phones(2)
