"""The OpenAPI document: valid, in the subset of Salesforce External Services, and kept."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV30SpecValidator
from schemathesis.core.result import Ok

from integrations.api.document import openapi_document
from integrations.api_keys import make_key
from integrations.api_scopes import ApiScope
from integrations.tenancy import workspace_scope
from tests.factories import make_call, make_member, make_workspace
from tests.harness.modules import ROOT

#: What External Services does not take, anywhere in a document.
_FOREIGN_WORDS = {"oneOf", "anyOf", "allOf", "not", "nullable", "additionalProperties", "callbacks"}
_SIMPLE_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,39}$")
_METHODS = {"get", "post", "put", "patch", "delete"}
#: Longer descriptions are cut off by Salesforce.
_LONGEST_DESCRIPTION = 1_333


def _operations() -> list[tuple[str, dict[str, Any]]]:
    paths = openapi_document()["paths"]
    return [(method, one) for path in paths.values() for method, one in path.items()]


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if type(node) is list else ():
        yield from _walk(child)


def test_everybody_may_read_it_and_another_program_finds_it_valid(client: Client) -> None:
    response = client.get("/api/v1/openapi.json")
    document = response.json()
    assert response["Content-Type"] == "application/json"
    assert document["openapi"].startswith("3.0.")
    assert list(OpenAPIV30SpecValidator(document).iter_errors()) == []
    assert client.post("/api/v1/openapi.json").status_code == 405


def test_it_keeps_to_what_external_services_takes() -> None:
    document = openapi_document()
    assert {word for node in _walk(document) for word in node} & _FOREIGN_WORDS == set()
    contents = [node["content"] for node in _walk(document["paths"]) if "content" in node]
    assert contents
    assert {media for content in contents for media in content} == {"application/json"}
    for name, schema in document["components"]["schemas"].items():
        assert _SIMPLE_NAME.match(name), name
        for field, kind in schema["properties"].items():
            assert _SIMPLE_NAME.match(field), f"{name}.{field}"
            # Free-form values have neither; inline objects have no name of their own.
            assert "$ref" in kind or kind["type"] != "object", f"{name}.{field}"


def test_every_operation_has_a_name_a_description_and_one_success() -> None:
    operations = _operations()
    names = [operation["operationId"] for _, operation in operations]
    assert len(set(names)) == len(names) > 0
    for method, operation in operations:
        name = operation["operationId"]
        assert _SIMPLE_NAME.match(name), name
        assert method in _METHODS, name
        assert method != "get" or "requestBody" not in operation, name
        assert 0 < len(operation["description"]) <= _LONGEST_DESCRIPTION, name
        assert [code for code in operation["responses"] if code.startswith("2")] in (
            ["200"],
            ["201"],
        ), name
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], f"{name}: {parameter['name']}"


def test_the_reader_lists_every_operation() -> None:
    """docs/api.md tells of each address of the document."""
    page = (ROOT / "docs" / "api.md").read_text()
    for path in openapi_document()["paths"]:
        assert re.sub(r"{\w+}", "<id>", path) in page, path


@pytest.mark.django_db
def test_no_request_is_answered_with_an_error_of_ours() -> None:
    """Made-up requests by the document, with a key that may do everything."""
    workspace = make_workspace()
    make_call(workspace)
    with workspace_scope(workspace):
        _, key = make_key(make_member(workspace), "Schemathesis", list(ApiScope))
    api = schemathesis.openapi.from_dict(openapi_document())
    api.app = WSGIHandler()

    for found in api.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @settings(
            max_examples=25,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            response = case.call(headers={"Authorization": f"Bearer {key}"})
            assert response.status_code < 500
            assert response.headers["content-type"] == ["application/json"]

        holds()
