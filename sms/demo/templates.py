"""What Acme writes again and again: something to choose from at the first look."""

from integrations.tenancy import current_workspace_id
from sms import template_versions
from sms.models import Template

TEMPLATES = (
    (Template.Kind.CONTACT, "Order ready", "Hi {{FirstName|there}}, your order is ready. Acme"),
    (
        Template.Kind.CONTACT,
        "Missed your call",
        (
            "Hi {{FirstName|there}}, {{Owner.Name|Acme}} here. I missed your call: when may I ring "
            "you back?"
        ),
    ),
    (
        Template.Kind.LEAD,
        "First contact",
        (
            "Hi {{FirstName|there}}, thank you for asking about our services for {{Company|you}}. "
            "When may we call? Acme"
        ),
    ),
    # With a quote that costs, to show what the counter says of it.
    (
        Template.Kind.CAMPAIGN,
        "Open house",
        (
            "{{FirstName|Hello}}, you’re invited: our open house is on Friday from 4 pm. Reply "
            "STOP to get no more texts. Acme"
        ),
    ),
)


def add_templates() -> None:
    """Keep them, by nobody's hand, in the workspace in scope."""
    for kind, name, text in TEMPLATES:
        template = Template(workspace_id=current_workspace_id(), kind=kind, name=name, text=text)
        template_versions.save_new(template, author=None)
