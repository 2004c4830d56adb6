"""An org whose data live in a file."""

import contextlib
import sqlite3
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


def test_a_file_of_an_older_simulator_gains_the_new_fields(tmp_path: Path) -> None:
    path = tmp_path / "org.sqlite3"
    app = make_app(OrgConfig(store_path=str(path)))
    app.state.org.store.close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute('DROP VIEW "Name"')
        db.execute("DROP INDEX Task_by_CallObject")
        db.execute('ALTER TABLE "Task" DROP COLUMN "CallObject"')
        db.commit()
    app = make_app(OrgConfig(store_path=str(path)))
    org = app.state.org
    assert "CallObject" in org.store.find(org.sobject("Task"), {})[0]
    org.store.close()
