"""Template code where the browser would run it (RULES F8).

Alpine and htmx evaluate the values of ``x-*``, ``@*``, ``:*`` and ``hx-on*`` attributes. Names and
texts come from strangers, and escaping for HTML does not escape for JavaScript, so our templates
put nothing into them: data goes by ``json_script`` and ``data-*`` attributes.
"""

import re
from collections.abc import Iterator

_EVALUATED = re.compile(
    r"""(?<![\w.:@-])(?P<name>x-[\w.:-]+|@[\w.:-]+|:[\w.-]+|hx-on[\w.:-]*)
        \s*=\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)""",
    re.VERBOSE | re.DOTALL,
)


def find_evaluated_output(template: str) -> Iterator[str]:
    """The attributes of a template whose evaluated value holds template code."""
    for attribute in _EVALUATED.finditer(template):
        if "{{" in attribute["value"] or "{%" in attribute["value"]:
            yield attribute["name"]
