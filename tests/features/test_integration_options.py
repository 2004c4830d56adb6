"""The integration options as an admin meets them: one page, its history, files, one catalogue."""

import html
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from integrations.models import AuditEntry, Connection, Membership, OptionsRevision
from integrations.options import OPTION_SPECS, Group, OptionSpec, active_options
from integrations.options.reference import options_page
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_call, make_member
from tests.features.company import Company


class OptionsAdmin:
    """An admin at the options of a company's workspace."""

    def __init__(self, company: Company, member: Membership | None = None) -> None:
        self.company = company
        self.member = member or make_member(company.workspace)
        self.client = Client()
        self.client.force_login(self.member.user)

    def url(self, rest: str = "") -> str:
        return f"/w/{self.company.workspace.slug}/salesforce/options/{rest}"

    def page(self, rest: str = "") -> str:
        return text_of(self.client.get(self.url(rest)))

    def form(self, **chosen: Any) -> dict[str, Any]:
        """What a browser sends: every control that is not greyed, as it stands but for these."""
        page = self.client.get(self.url()).content.decode()
        offered = re.findall(r'name="offered" value="(\w+)"', page)
        with workspace_scope(self.company.workspace):
            options = active_options()
        values = {**{key: options[key] for key in offered}, **chosen}
        sent = {
            key: ", ".join(value) if isinstance(value, list) else value
            for key, value in values.items()
            if value is not False
        }
        return {**sent, "offered": offered, "based_on": options.number}

    def review(self, **chosen: Any) -> Any:
        return self.client.post(self.url("review/"), self.form(**chosen))

    def save(self, reviewed: Any, comment: str = "") -> Any:
        """Press Save on a review."""
        fields = ("based_on", "asked", "restores")
        sent = {name: hidden(reviewed, name) for name in fields}
        return self.client.post(self.url("save/"), {**sent, "comment": comment}, follow=True)


def text_of(response: Any) -> str:
    """A page on one line, as people read it."""
    assert response.status_code in (200, 409), response.status_code
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


def hidden(response: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found is not None, name
    return html.unescape(found[1])


@pytest.fixture
def admin(company: Company) -> OptionsAdmin:
    return OptionsAdmin(company)


@pytest.mark.feature("CTM-03")
def test_every_option_stands_on_the_page_with_both_meanings_and_what_holds_now(
    admin: OptionsAdmin,
) -> None:
    page = admin.page()
    for spec in OPTION_SPECS:
        assert str(spec.label) in page, spec.key
        assert str(spec.on) in page, spec.key
        assert str(spec.off) in page, spec.key
    assert page.count("Now:") == len(OPTION_SPECS)


@pytest.mark.feature("CTM-03", "PLUS-06")
def test_an_option_that_is_declared_appears_on_page_in_file_and_in_docs(
    admin: OptionsAdmin,
) -> None:
    extra = OptionSpec(
        key="blue_moon",
        label="Write only at a blue moon",
        default=False,
        on="Once in a while.",
        off="Always.",
        effect=lambda now: "The moon decides." if now["blue_moon"] else "The moon is ignored.",
        topic="Sky",
    )
    OPTION_SPECS.append(extra)
    try:
        assert "Write only at a blue moon" in admin.page()
        assert "The moon decides." in text_of(
            admin.client.post(admin.url("live/"), admin.form(blue_moon="on"))
        )
        exported = StringIO()
        slug = admin.company.workspace.slug
        call_command("options", "export", "--workspace", slug, stdout=exported)
        assert "blue_moon: false" in exported.getvalue()
        assert "`blue_moon`" in options_page()
        admin.save(admin.review(blue_moon="on"))
        assert OptionsRevision.unscoped.get(number=2).values["blue_moon"] is True
    finally:
        OPTION_SPECS.remove(extra)


@pytest.mark.feature("CTM-04", "CTM-05", "CTM-10")
def test_legacy_mode_is_behind_its_link_lists_what_it_does_and_is_audited(
    admin: OptionsAdmin,
) -> None:
    raw = admin.client.get(admin.url()).content.decode()
    before, _, behind = raw.partition("Legacy Options</summary>")
    assert 'id="option-legacy"' in behind
    assert 'id="option-legacy"' not in before
    assert re.search(r'<details class="pb-fold pb-fold-end">\s*<summary[^>]*>Legacy', raw)

    reviewed = admin.review(legacy="on")
    [spec] = [spec for spec in OPTION_SPECS if spec.group is Group.LEGACY]
    for consequence in spec.consequences:
        assert str(consequence) in text_of(reviewed)
    admin.save(reviewed, comment="asked the sales team")

    line = AuditEntry.unscoped.get(action="options.changed")
    assert (line.actor, line.before, line.after) == (
        admin.member.user,
        {"legacy": False},
        {"legacy": True},
    )


@pytest.mark.feature("CTM-17", "K-05")
def test_edit_mode_is_greyed_in_lightning_and_keeps_its_value(admin: OptionsAdmin) -> None:
    admin.company.choose(edit_mode=True)
    work_in(admin.company, Connection.Interface.CLASSIC)
    assert 'value="edit_mode"' in admin.client.get(admin.url()).content.decode()

    work_in(admin.company, Connection.Interface.LIGHTNING)
    raw = admin.client.get(admin.url()).content.decode()
    control = re.search(r'<input[^>]*name="edit_mode"[^>]*>', raw)
    assert control is not None
    assert "disabled" in control[0]
    assert "your people use Lightning Experience, which does not support this" in admin.page()

    admin.save(admin.review(cache_minutes=20))
    with workspace_scope(admin.company.workspace):
        assert active_options()["edit_mode"] is True


def work_in(company: Company, interface: Connection.Interface) -> None:
    Connection.unscoped.filter(pk=company.connection.pk).update(interface=interface)


@pytest.mark.feature("CTM-13")
def test_local_formats_warn_where_somebody_called_abroad(admin: OptionsAdmin) -> None:
    company = admin.company
    assert "outside North America" not in text_of(admin.review(local_numbers="on"))
    company.take("+442079460123")
    assert "1 call of the last 30 days was with a number outside North America" in text_of(
        admin.review(local_numbers="on")
    )


@pytest.mark.feature("PLUS-06")
def test_a_revision_can_be_taken_back_to_the_byte_and_the_behaviour(admin: OptionsAdmin) -> None:
    company = admin.company
    exported = admin.client.get(admin.url("export/1/")).content
    admin.save(admin.review(activity_history=False), comment="a quiet day")
    company.take(seed.ONE_CONTACT_NUMBER)
    assert company.tasks() == []

    history = admin.page("history/")
    assert "Revision 2 in force" in history
    assert "“a quiet day” Activity history : On becomes → Off" in history

    admin.save(admin.client.post(admin.url("restore/1/")), comment="back again")
    assert admin.client.get(admin.url("export/3/")).content == exported
    company.take(seed.ONE_CONTACT_NUMBER)
    assert len(company.tasks()) == 1
    revision = OptionsRevision.unscoped.get(number=3)
    assert (revision.author, revision.comment) == (admin.member.user, "back again")

    assert "Before revision 1 · the defaults Restore…" in admin.page("history/")
    assert "Back to" in text_of(admin.client.post(admin.url("restore/0/")))


@pytest.mark.feature("PLUS-06")
def test_a_file_is_planned_before_it_is_applied_and_refused_as_a_whole(
    admin: OptionsAdmin,
) -> None:
    bad = admin.client.post(
        admin.url("import/"), {"text": "legacy: 1\nlocal_numbers: true\nwhat: 2\n"}
    )
    assert "Nothing was changed: 2 lines are wrong" in text_of(bad)
    assert "Line 1: legacy must be true or false." in text_of(bad)
    assert "Line 3: “what” is no option" in text_of(bad)
    assert OptionsRevision.unscoped.count() == 1

    planned = admin.client.post(admin.url("import/"), {"text": "local_numbers: true\n"})
    assert "Use local number formats instead of E.164 : Off becomes → On" in text_of(planned)
    assert OptionsRevision.unscoped.count() == 1
    assert "Saved as revision 2" in text_of(admin.save(planned))


@pytest.mark.feature("PLUS-06")
def test_a_second_admin_sees_the_difference_and_overwrites_nothing(admin: OptionsAdmin) -> None:
    other = OptionsAdmin(admin.company)
    mine = admin.review(edit_mode="on", cache_minutes=20)
    other.save(other.review(cache_minutes=5), comment="fresher")

    refused = admin.save(mine)
    assert refused.status_code == 409
    told = text_of(refused)
    assert "Revision 2 was saved while you were choosing" in told
    assert "15 becomes → 5" in told
    assert "15 becomes → 20" in told
    assert OptionsRevision.unscoped.count() == 2

    sent = {name: hidden(refused, name) for name in ("based_on", "asked")}
    again = admin.client.post(admin.url("review/"), sent)
    assert "5 becomes → 20" in text_of(again)
    admin.save(again)
    assert OptionsRevision.unscoped.get(number=3).values["cache_minutes"] == 20


@pytest.mark.feature("PLUS-06")
def test_the_review_shows_which_past_records_would_differ(admin: OptionsAdmin) -> None:
    company = admin.company
    company.take(seed.ONE_CONTACT_NUMBER)
    company.take(seed.TWO_CONTACTS_NUMBER)

    told = text_of(admin.review(multi_match="precedence"))
    assert "Of the last 2 calls, 1 would have other records: 0 more, 1 changed, 0 fewer." in told
    assert "WhoId empty" in told

    told = text_of(admin.review(activity_history=False))
    assert "2 would have other records: 0 more, 0 changed, 2 fewer." in told
    assert "no record: Activity history is off" in told

    assert "None of the last 2 calls" in text_of(admin.review(cache_minutes=20))


@pytest.mark.parametrize("role", ["call_manager", "sms_admin"])
def test_others_who_may_read_and_cannot_write(company: Company, role: str) -> None:
    reader = OptionsAdmin(company, make_member(company.workspace, (role,)))
    page = reader.client.get(reader.url()).content.decode()
    assert "admins change them" in page
    assert 'name="offered"' not in page
    assert "Revision 1" in reader.page("history/")
    for address in ("live/", "review/", "save/", "import/", "restore/1/"):
        assert reader.client.post(reader.url(address)).status_code == 403, address


def test_what_was_not_sent_by_a_page_of_ours_is_refused_kindly(admin: OptionsAdmin) -> None:
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("review/", {}),
        ("review/", {"based_on": "99", "asked": "{}"}),
        ("save/", {"based_on": "1", "asked": "[1]"}),
        ("save/", {"based_on": "1", "asked": '{"no_such": 1}'}),
        ("save/", {"based_on": "1", "asked": '{"legacy": "x"}'}),
        ("save/", {"based_on": "1", "asked": "{}", "restores": "77"}),
        ("live/", {}),
    ]
    for address, body in bodies:
        response = admin.client.post(admin.url(address), body)
        assert response.status_code in (200, 302), (address, body)
    assert OptionsRevision.unscoped.count() == 1


def test_a_value_that_does_not_fit_is_told_at_its_field_and_nothing_is_lost(
    admin: OptionsAdmin,
) -> None:
    make_call(admin.company.workspace)
    told = admin.review(internal_length=12, local_numbers="on")
    assert "less than or equal to 9" in text_of(told)
    assert re.search(r'<input[^>]*name="local_numbers"[^>]*checked', told.content.decode())
    assert OptionsRevision.unscoped.count() == 1


@pytest.mark.feature("K-19")
def test_a_refusal_on_the_connection_page_is_a_consent_withdrawn_in_the_file(
    admin: OptionsAdmin,
) -> None:
    slug = admin.company.workspace.slug
    switches = f"/w/{slug}/salesforce/connection/switches/"
    sent = {"based_on": "1", "activity_history": "on", "keep_no_contacts": "on"}
    admin.client.post(switches, sent)

    assert b"\nretrieve_contacts: false\n" in admin.client.get(admin.url("export/2/")).content
    assert "Contact retrieval : On becomes → Off" in admin.page("history/")
