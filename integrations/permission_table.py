"""``docs/permissions.md``, printed from the table that the policy reads."""

from integrations.roles import ROLE_CAPABILITIES, Capability, Role

_INTRODUCTION = """\
# Who may do what

A member holds a set of roles; what they may do is the sum. Printed from `integrations/roles.py` by
`python3 manage.py permissions`; a test fails when this page is stale. Each page of the console asks
for one capability, and `tests/integrations/admin/test_isolation.py` opens all of them as each role.

While the option `limit_data_access` is on, call managers and call agents do not see calls or
texts; who holds another role that sees them keeps that.
"""


def permissions_page() -> str:
    """The page as Markdown: a row per capability, a column per role."""
    head = ["", *(str(role.label) for role in Role)]
    rows = [_row(capability) for capability in Capability]
    lines = [_line(head), _line(["---", *(":-:" for _role in Role)]), *map(_line, rows)]
    return "\n".join([_INTRODUCTION, *lines]) + "\n"


def _row(capability: Capability) -> list[str]:
    marks = ["yes" if capability in ROLE_CAPABILITIES[role] else "" for role in Role]
    return [f"{capability.label} (`{capability.value}`)", *marks]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
