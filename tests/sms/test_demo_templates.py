"""The templates of the demo are what the editor would take, and one shows what a quote costs."""

from integrations.models import Workspace
from sms.counter import reckon
from sms.demo.templates import TEMPLATES, add_templates
from sms.merge import read_template
from sms.merge_fields import faults_of, known_fields
from sms.models import Template
from sms.segments import Encoding


def test_the_demo_begins_with_templates_that_can_be_sent(workspace: Workspace) -> None:
    add_templates()
    made = Template.objects.order_by("pk")
    assert [one.name for one in made] == [name for _kind, name, _text in TEMPLATES]
    known = known_fields()
    assert [faults_of(read_template(one.text), one.kind, known) for one in made] == [[]] * len(made)
    assert all(one.versions.count() == 1 for one in made)
    costly = [one.name for one in made if reckon(one.text).counted.encoding is Encoding.UCS_2]
    assert costly == ["Open house"]
