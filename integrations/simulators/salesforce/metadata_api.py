"""Deploying by the REST resource of the Metadata API (reference 7)."""

from __future__ import annotations

from typing import Any

from integrations.simulators.salesforce.api import Answer, ApiCall, Resource
from integrations.simulators.salesforce.errors import SalesforceError, not_found
from integrations.simulators.salesforce.ids import MalformedIdError, make_id, to_18
from integrations.simulators.salesforce.metadata_deploy import Deployment, deploy
from integrations.simulators.salesforce.metadata_package import Member, read_request

KEY_PREFIX = "0Af"
MAX_ZIP_BYTES = 39 * 1024 * 1024


def request_deploy(call: ApiCall) -> Answer:
    """POST: take a package; it is carried out at once, and told step by step."""
    _require_metadata_rights(call)
    if len(call.body) > MAX_ZIP_BYTES:
        raise SalesforceError("LIMIT_EXCEEDED", "Maximum size of request reached")
    options, package = read_request(call.headers.get("content-type", ""), call.body)
    org = call.org
    own_id = make_id(KEY_PREFIX, org.store.instance, org.store.next_number(KEY_PREFIX))
    deployment = deploy(org, call.caller.user_id, own_id, options, package)
    org.switches.deployments[own_id] = deployment
    body = {"id": own_id, "deployOptions": dict(options)}
    return Answer({**body, "deployResult": _result(deployment, "Pending", with_details=False)}, 201)


def read_deploy(call: ApiCall, deploy_id: str) -> Answer:
    """GET: how far it is; the first look finds it under way."""
    _require_metadata_rights(call)
    deployment = _find(call, deploy_id)
    deployment.polls += 1
    status = "InProgress" if deployment.polls == 1 else deployment.final_status
    with_details = call.param("includeDetails") == "true"
    result = _result(deployment, status, with_details=with_details)
    return Answer({"id": deployment.id, "deployResult": result})


def _require_metadata_rights(call: ApiCall) -> None:
    if not call.org.may(call.caller.user_id, "PermissionsModifyMetadata"):
        raise SalesforceError("INSUFFICIENT_ACCESS", "insufficient access", status=403)


def _find(call: ApiCall, deploy_id: str) -> Deployment:
    try:
        return call.org.switches.deployments[to_18(deploy_id)]
    except (KeyError, MalformedIdError):
        raise not_found() from None


def _result(deployment: Deployment, status: str, *, with_details: bool) -> dict[str, Any]:
    done = status not in ("Pending", "InProgress")
    failures = deployment.failures if done else []
    successes = deployment.successes if done else []
    result: dict[str, Any] = {
        "id": deployment.id,
        "status": status,
        "done": done,
        "success": status == "Succeeded",
        "checkOnly": deployment.check_only,
        "rollbackOnError": deployment.options.get("rollbackOnError", True),
        "numberComponentsTotal": len(deployment.successes) + len(deployment.failures),
        "numberComponentsDeployed": len(successes),
        "numberComponentErrors": len(failures),
    }
    if with_details:
        result["details"] = {
            "componentSuccesses": [_message(one, None) for one in successes],
            "componentFailures": [_message(one, problem) for one, problem in failures],
        }
    return result


def _message(member: Member, problem: str | None) -> dict[str, Any]:
    return {
        "componentType": member.type,
        "fullName": member.name,
        "success": problem is None,
        "problem": problem,
        "problemType": None if problem is None else "Error",
    }


RESOURCES = (
    Resource("metadata/deployRequest", {"POST": request_deploy}),
    Resource("metadata/deployRequest/{deploy_id}", {"GET": read_deploy}),
)
