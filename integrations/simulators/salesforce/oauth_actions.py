"""What can happen to tokens and apps, as `POST /_sim/actions/<name>`.

| action                 | arguments                                                            |
| ---------------------- | -------------------------------------------------------------------- |
| `issue-tokens`         | `username`, `consumer_key`, `scope`: a grant without the page        |
| `expire-access-tokens` | `username` (everybody)                                               |
| `revoke-grant`         | `username` (everybody)                                               |
| `set-rotation`         | `on`: renew refresh tokens at each use, whatever the app says        |
| `set-token-life`       | `session_seconds`, `refresh_idle_seconds` (0: policy Zero)           |
| `let-time-pass`        | `seconds`: for tokens only                                           |
| `set-id-token`         | `on`: hand out id tokens with the scope openid                       |
| `refuse-tokens`        | `error`, `description`, `status`, `times`: at the token endpoint     |
| `set-app-installed`    | `on`: off, and the authorise page refuses                            |
| `lock-org`             | `on`: Salesforce suspends the org, or opens it again                 |
| `move-org`             | `url`: its address from now on (`instance_url`)                      |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from integrations.simulators.salesforce.action_group import ActionGroup, Arguments
from integrations.simulators.salesforce.oauth import token_answer
from integrations.simulators.salesforce.org import TokenRefusal
from integrations.simulators.salesforce.token_clock import let_pass


class OAuthActions(ActionGroup):
    """Tokens, their policies, and what the token endpoint says."""

    def _actions(self) -> Mapping[str, Callable[[Arguments], object]]:
        return {
            "issue-tokens": self.issue_tokens,
            "expire-access-tokens": self.expire_access_tokens,
            "revoke-grant": self.revoke_grant,
            "set-rotation": self.set_rotation,
            "set-token-life": self.set_token_life,
            "let-time-pass": self.let_time_pass,
            "set-id-token": self.set_id_token,
            "refuse-tokens": self.refuse_tokens,
            "set-app-installed": self.set_app_installed,
            "lock-org": self.lock_org,
            "move-org": self.move_org,
        }

    def issue_tokens(self, arguments: Arguments) -> object:
        """A user allows an app, without the page."""
        key = arguments.get("consumer_key", self._org.config.apps[0].consumer_key)
        app = self._grants.app(key)
        scope = frozenset(arguments["scope"].split()) if "scope" in arguments else app.scopes
        user_id = self._user_id(arguments["username"])
        issued = self._grants.issue_tokens(app, user_id, scope)
        return token_answer(self._org, app, issued, self._org.config.public_url or "")

    def expire_access_tokens(self, arguments: Arguments) -> object:
        """Sessions time out."""
        count = self._grants.expire_access_tokens(self._optional_user_id(arguments))
        return {"expired": count}

    def revoke_grant(self, arguments: Arguments) -> object:
        """Users take their permission back."""
        return {"revoked": self._grants.revoke_grants(self._optional_user_id(arguments))}

    def set_rotation(self, arguments: Arguments) -> object:
        """An administrator changes the refresh-token policy."""
        self._org.switches.rotation = bool(arguments["on"])
        return {"on": self._org.switches.rotation}

    def set_token_life(self, arguments: Arguments) -> object:
        """An administrator changes the session timeout or the refresh-token policy."""
        life = self._org.switches.token_life
        life.session_seconds = float(arguments.get("session_seconds", life.session_seconds))
        life.refresh_idle_seconds = float(
            arguments.get("refresh_idle_seconds", life.refresh_idle_seconds)
        )
        return asdict(life)

    def let_time_pass(self, arguments: Arguments) -> object:
        """Nobody does anything for a while."""
        return {"tokens": let_pass(self._org.store, float(arguments["seconds"]))}

    def set_id_token(self, arguments: Arguments) -> object:
        """The app stops or begins to hand out id tokens."""
        self._org.switches.id_token = bool(arguments["on"])
        return {"on": self._org.switches.id_token}

    def refuse_tokens(self, arguments: Arguments) -> object:
        """The token endpoint says no: `ip restricted`, `unknown_error` and so on."""
        times = arguments.get("times")
        refusal = TokenRefusal(
            arguments.get("error", "invalid_grant"),
            arguments["description"],
            int(arguments.get("status", 400)),
            None if times is None else int(times),
        )
        self._org.switches.token_refusal = refusal
        return asdict(refusal)

    def set_app_installed(self, arguments: Arguments) -> object:
        """An administrator installs the app, or has not done so (reference 1.12)."""
        self._org.switches.app_installed = bool(arguments["on"])
        return {"on": self._org.switches.app_installed}

    def lock_org(self, arguments: Arguments) -> object:
        """Salesforce suspends the org, or opens it again."""
        self._org.switches.is_locked = bool(arguments["on"])
        return {"on": self._org.switches.is_locked}

    def move_org(self, arguments: Arguments) -> object:
        """The org moves: token answers and links name another address."""
        self._org.switches.address = str(arguments["url"]).rstrip("/")
        return {"url": self._org.switches.address}
