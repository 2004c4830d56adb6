"""What the outside world can do to the org, as `POST /_sim/actions/<name>`.

| action                 | arguments                                                           |
| ---------------------- | ------------------------------------------------------------------- |
| `edit-record`          | `sobject`, `id`, `fields`, `username` (default: an administrator)   |
| `delete-record`        | `sobject`, `id`, `username`                                         |
| `undelete-record`      | `sobject`, `id`                                                     |
| `empty-recycle-bin`    | what was deleted is gone for good                                   |
| `convert-lead`         | `id`, `account_id`, `contact_id` (new ones), `opportunity_name`     |
| `merge-records`        | `sobject`, `id` (stays), `ids` (one or two that go)                 |
| `deactivate-user`      | `username`, or `id`                                                 |
| `rename-status`        | `from`, `to`, `label` (default: `to`): a value of Task.Status       |
| `plant-records`        | `sobject`, `records`: of the past, as `/_sim/records/` shows them   |
| `set-limit`            | `maximum`, `used`: daily API requests                               |
| `set-index-lag`        | `seconds`, `raw_tokens_only`, `national_digits`                     |

`access_actions` has those of permissions and sharing, `oauth_actions` those of tokens,
`rule_actions` the customer's own rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from integrations.simulators.control import ControlError
from integrations.simulators.salesforce.action_group import ActionGroup, Arguments
from integrations.simulators.salesforce.conversion import Into, convert_lead
from integrations.simulators.salesforce.merging import (
    empty_recycle_bin,
    merge_records,
    undelete_record,
)
from integrations.simulators.salesforce.past_records import plant_as_it_was
from integrations.simulators.salesforce.records import delete_record, update_record
from integrations.simulators.salesforce.search_index import change_switches


class Actions(ActionGroup):
    """The actions of one org."""

    def _actions(self) -> Mapping[str, Callable[[Arguments], object]]:
        return {
            "edit-record": self.edit_record,
            "delete-record": self.delete_record,
            "undelete-record": self.undelete_record,
            "empty-recycle-bin": self.empty_recycle_bin,
            "convert-lead": self.convert_lead,
            "merge-records": self.merge_records,
            "deactivate-user": self.deactivate_user,
            "rename-status": self.rename_status,
            "plant-records": self.plant_records,
            "set-limit": self.set_limit,
            "set-index-lag": self.set_index_lag,
        }

    def edit_record(self, arguments: Arguments) -> object:
        """A user edits a record."""
        sobject = self._org.sobject(arguments["sobject"])
        update_record(
            self._org, self._editor_id(arguments), sobject, arguments["id"], arguments["fields"]
        )
        return {}

    def delete_record(self, arguments: Arguments) -> object:
        """A user deletes a record."""
        sobject = self._org.sobject(arguments["sobject"])
        delete_record(self._org, self._editor_id(arguments), sobject, arguments["id"])
        return {}

    def convert_lead(self, arguments: Arguments) -> object:
        """A user converts a lead."""
        names = ("account_id", "contact_id", "opportunity_name")
        into = Into(**{name: arguments[name] for name in names if name in arguments})
        return convert_lead(self._org, self._editor_id(arguments), arguments["id"], into)

    def merge_records(self, arguments: Arguments) -> object:
        """A user merges duplicates."""
        sobject = self._org.sobject(arguments["sobject"])
        editor_id = self._editor_id(arguments)
        merge_records(self._org, editor_id, sobject, arguments["id"], arguments["ids"])
        return {}

    def undelete_record(self, arguments: Arguments) -> object:
        """A user takes a record out of the recycle bin."""
        undelete_record(self._org, self._org.sobject(arguments["sobject"]), arguments["id"])
        return {}

    def empty_recycle_bin(self, arguments: Arguments) -> object:
        """The recycle bin is emptied."""
        return {"removed": empty_recycle_bin(self._org)}

    def deactivate_user(self, arguments: Arguments) -> object:
        """An administrator deactivates a user."""
        user_id = arguments.get("id") or self._user_id(arguments["username"])
        self._org.store.update(self._org.sobject("User"), user_id, {"IsActive": 0})
        return {"id": user_id}

    def rename_status(self, arguments: Arguments) -> object:
        """An administrator renames a value of Task.Status; its label may be another name."""
        changed = self._org.store.execute(
            "UPDATE TaskStatus SET MasterLabel = ?, ApiName = ? WHERE ApiName = ?",
            [arguments.get("label", arguments["to"]), arguments["to"], arguments["from"]],
        )
        if not changed:
            raise ControlError(f"no status {arguments['from']}", 404)
        return {}

    def plant_records(self, arguments: Arguments) -> object:
        """Records of the past come in, ids and system fields included."""
        sobject = self._org.sobject(arguments["sobject"])
        planted = [plant_as_it_was(self._org, sobject, one) for one in arguments["records"]]
        return {"planted": len(planted)}

    def set_limit(self, arguments: Arguments) -> object:
        """The org has another number of requests a day, or has used some."""
        limit = self._org.switches.limit
        limit.maximum = int(arguments.get("maximum", limit.maximum))
        limit.used = int(arguments.get("used", limit.used))
        return vars(limit)

    def set_index_lag(self, arguments: Arguments) -> object:
        """Search behaves differently."""
        before = self._org.switches.index
        switches = replace(
            before,
            lag_seconds=float(arguments.get("seconds", before.lag_seconds)),
            raw_tokens_only=bool(arguments.get("raw_tokens_only", before.raw_tokens_only)),
            national_digits=bool(arguments.get("national_digits", before.national_digits)),
        )
        change_switches(self._org, switches)
        return vars(switches)
