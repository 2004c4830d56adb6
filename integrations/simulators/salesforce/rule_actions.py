"""The customer's own rules, as `POST /_sim/actions/<name>`.

| action                | arguments                                                            |
| --------------------- | -------------------------------------------------------------------- |
| `refuse`              | `sobject`, `operation` (create), `code`, `message`, `times`, `status` |
| `fail-requests`       | `code`, `message`, `status`, `times`: of every data request          |
| `add-validation-rule` | `sobject`, `when` (as in SOQL), `message`, `field`                   |
| `add-duplicate-rule`  | `sobject`, `fields`, `blocks` (no: it alerts), `against` (itself)    |
| `set-assignment-rule` | `sobject`, `username` or `queue`                                     |
| `require-field`       | `sobject`, `field`                                                   |
| `lock-record`         | `id`, `times` (until it is unlocked), `status` (400)                 |
| `unlock-record`       | `id`                                                                 |
| `allow`               | `sobject` (all): lift refusals and rules                             |
| `set-edition`         | `edition`, `api_add_on`, `is_sandbox`, `licences` (10)               |
| `set-state-picklists` | `on`: state and country picklists                                    |

Messages, statuses and fields that are not given are those of `error_catalogue`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integrations.simulators.control import ControlError
from integrations.simulators.salesforce.action_group import ActionGroup, Arguments
from integrations.simulators.salesforce.editions import daily_requests
from integrations.simulators.salesforce.error_catalogue import ERRORS, KnownError
from integrations.simulators.salesforce.org import ApiLimit
from integrations.simulators.salesforce.rule_switches import (
    CustomerRules,
    DuplicateRule,
    Refusal,
    RequestFailure,
    ValidationRule,
)
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.soql import parse_condition

UNKNOWN = KnownError(400, "This record breaks a rule of the company.", on_record=True)


def _times(arguments: Arguments) -> int | None:
    """How often; None for until it is taken back."""
    times = arguments.get("times")
    return None if times is None else int(times)


class RuleActions(ActionGroup):
    """Validation, duplicates, assignment, locks; the edition and its features."""

    def _actions(self) -> Mapping[str, Callable[[Arguments], object]]:
        return {
            "refuse": self.refuse,
            "fail-requests": self.fail_requests,
            "add-validation-rule": self.add_validation_rule,
            "add-duplicate-rule": self.add_duplicate_rule,
            "set-assignment-rule": self.set_assignment_rule,
            "require-field": self.require_field,
            "lock-record": self.lock_record,
            "unlock-record": self.unlock_record,
            "allow": self.allow,
            "set-edition": self.set_edition,
            "set-state-picklists": self.set_state_picklists,
        }

    @property
    def _rules(self) -> CustomerRules:
        return self._org.switches.rules

    def _field_name(self, sobject: SObject, name: str) -> str:
        field = sobject.field(name)
        if field is None:
            raise ControlError(f"{sobject.name} has no field {name}", 404)
        return field.name

    def refuse(self, arguments: Arguments) -> object:
        """Everything of a kind is refused, with any error."""
        code = arguments.get("code", "FIELD_CUSTOM_VALIDATION_EXCEPTION")
        known = ERRORS.get(code, UNKNOWN)
        refusal = Refusal(
            sobject=self._org.sobject(arguments["sobject"]).name,
            operation=arguments.get("operation", "create"),
            code=code,
            message=arguments.get("message", known.message),
            times=_times(arguments),
            status=int(arguments.get("status", known.status)),
            fields=tuple(arguments.get("fields", known.fields)),
        )
        self._rules.refusals.append(refusal)
        return vars(refusal)

    def fail_requests(self, arguments: Arguments) -> object:
        """Whatever is asked, the answer is this error."""
        known = ERRORS.get(arguments["code"], UNKNOWN)
        failure = RequestFailure(
            arguments["code"],
            arguments.get("message", known.message),
            int(arguments.get("status", known.status)),
            _times(arguments),
        )
        self._rules.failures.append(failure)
        return vars(failure)

    def add_validation_rule(self, arguments: Arguments) -> object:
        """A validation rule begins to look at records."""
        sobject = self._org.sobject(arguments["sobject"])
        parse_condition(arguments["when"])
        field = arguments.get("field")
        rule = ValidationRule(
            sobject.name,
            arguments["when"],
            arguments.get("message", "This record breaks a rule of the company."),
            self._field_name(sobject, field) if field else None,
        )
        self._rules.validations.append(rule)
        return vars(rule)

    def add_duplicate_rule(self, arguments: Arguments) -> object:
        """A duplicate rule begins to compare new records."""
        sobject = self._org.sobject(arguments["sobject"])
        fields = tuple(self._field_name(sobject, name) for name in arguments["fields"])
        against = self._org.sobject(arguments.get("against", sobject.name)).name
        rule = DuplicateRule(sobject.name, fields, bool(arguments.get("blocks", False)), against)
        self._rules.duplicates.append(rule)
        return vars(rule)

    def set_assignment_rule(self, arguments: Arguments) -> object:
        """New and changed records get another owner, unless the request forbids it."""
        sobject = self._org.sobject(arguments["sobject"])
        self._field_name(sobject, "OwnerId")
        if "queue" in arguments:
            queues = self._org.store.find(self._org.sobject("Group"), {"Name": arguments["queue"]})
            if not queues:
                raise ControlError(f"no queue {arguments['queue']}", 404)
            owner_id = str(queues[0]["Id"])
        else:
            owner_id = self._user_id(arguments["username"])
        self._rules.owners[sobject.name] = owner_id
        return {"owner_id": owner_id}

    def require_field(self, arguments: Arguments) -> object:
        """An administrator makes a field required; old records without it cannot be saved."""
        sobject = self._org.sobject(arguments["sobject"])
        self._rules.required.add((sobject.name, self._field_name(sobject, arguments["field"])))
        self._org.schema_changed()
        return {}

    def lock_record(self, arguments: Arguments) -> object:
        """Another transaction holds a record, and with it what is filed under it."""
        self._rules.locks[arguments["id"]] = _times(arguments)
        self._rules.lock_status = int(arguments.get("status", 400))
        return {}

    def unlock_record(self, arguments: Arguments) -> object:
        """The other transaction is over."""
        self._rules.locks.pop(arguments["id"], None)
        return {}

    def allow(self, arguments: Arguments) -> object:
        """Refusals and rules are switched off again, of one object or of all."""
        only = arguments.get("sobject")
        rules = self._rules
        self._org.switches.rules = CustomerRules(
            refusals=[one for one in rules.refusals if only not in (None, one.sobject)],
            validations=[one for one in rules.validations if only not in (None, one.sobject)],
            duplicates=[one for one in rules.duplicates if only not in (None, one.sobject)],
            owners={
                name: owner for name, owner in rules.owners.items() if only not in (None, name)
            },
            locks=rules.locks,
            lock_status=rules.lock_status,
            failures=rules.failures if only else [],
            required={pair for pair in rules.required if only not in (None, pair[0])},
        )
        self._org.schema_changed()
        return {"left": len(self._rules.refusals)}

    def set_edition(self, arguments: Arguments) -> object:
        """The org is of another edition, with the API that comes with it."""
        is_sandbox = bool(arguments.get("is_sandbox", False))
        maximum = daily_requests(
            arguments["edition"],
            int(arguments.get("licences", 10)),
            is_sandbox=is_sandbox,
            has_add_on=bool(arguments.get("api_add_on", False)),
        )
        organization = {"OrganizationType": arguments["edition"], "IsSandbox": int(is_sandbox)}
        self._org.store.update(self._org.sobject("Organization"), self._org.org_id, organization)
        self._org.switches.limit = ApiLimit(maximum)
        self._org.switches.has_api = maximum > 0
        return {"daily_requests": maximum}

    def set_state_picklists(self, arguments: Arguments) -> object:
        """An administrator turns state and country picklists on or off."""
        self._org.switches.state_picklists = bool(arguments["on"])
        self._org.schema_changed()
        return {}
