"""What the groups of actions share: whom they speak for, and how they fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from integrations.simulators.control import Action, ControlError
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.grants import Grants, OAuthError
from integrations.simulators.salesforce.org import Org

ADMIN_USERNAME = "admin@acme.test"

Arguments = Mapping[str, Any]


class ActionGroup:
    """Some actions of one org."""

    def __init__(self, org: Org, grants: Grants) -> None:
        self._org = org
        self._grants = grants

    def by_name(self) -> dict[str, Action]:
        """Every action under its name in the address."""
        return {name: self._guarded(action) for name, action in self._actions().items()}

    def _actions(self) -> Mapping[str, Callable[[Arguments], object]]:
        raise NotImplementedError

    def _guarded(self, action: Callable[[Arguments], object]) -> Action:
        def guarded(arguments: Arguments) -> object:
            try:
                with self._org.store.transaction():
                    return action(arguments)
            except KeyError as error:
                raise ControlError(f"{error.args[0]} is missing") from error
            except (SalesforceError, OAuthError, TypeError, ValueError) as error:
                raise ControlError(str(error)) from error

        return guarded

    def _user_id(self, username: str) -> str:
        users = self._org.store.find(self._org.sobject("User"), {"Username": username})
        if not users:
            raise ControlError(f"no user {username}", 404)
        return str(users[0]["Id"])

    def _optional_user_id(self, arguments: Arguments) -> str | None:
        return self._user_id(arguments["username"]) if "username" in arguments else None

    def _editor_id(self, arguments: Arguments) -> str:
        return self._user_id(arguments.get("username", ADMIN_USERNAME))
