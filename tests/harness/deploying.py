"""Deploying a package to a simulated org, as an administrator's tool does it."""

import json
from typing import Any

import requests


def deploy(url: str, token: str, package: bytes, **options: Any) -> dict[str, Any]:
    """The final result of a deployment, with its details. `url` is that of the org."""
    resource = f"{url}/services/data/v60.0/metadata/deployRequest"
    headers = {"Authorization": f"Bearer {token}"}
    parts: dict[str, Any] = {
        "json": (None, json.dumps({"deployOptions": options}), "application/json"),
        "file": ("deploy.zip", package, "application/zip"),
    }
    asked = requests.post(resource, files=parts, headers=headers, timeout=10)
    assert asked.status_code == 201, asked.text
    assert asked.json()["deployResult"]["status"] == "Pending"
    while True:
        params = {"includeDetails": "true"}
        place = f"{resource}/{asked.json()['id']}"
        result = requests.get(place, params=params, headers=headers, timeout=10).json()
        if result["deployResult"]["done"]:
            told: dict[str, Any] = result["deployResult"]
            return told
