"""The companies of the demo and who signs in to them (DESIGN 6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from integrations.memberships import join_workspace
from integrations.models import Team, User, Workspace
from integrations.registry import registry
from integrations.roles import Role
from integrations.tenancy import workspace_scope

PASSWORD = "demo-patchbay"  # noqa: S105 - printed on the terminal; opens made-up data only


@dataclass(frozen=True)
class Person:
    """A sign-in of the demo."""

    email: str
    first_name: str
    last_name: str
    role: Role
    extension: str = ""
    time_zone: str = ""
    team: str = ""


@dataclass(frozen=True)
class Company:
    """A workspace of the demo."""

    name: str
    slug: str
    region: str
    time_zone: str
    people: Sequence[Person]


ACME = Company(
    "Acme",
    "acme",
    "US",
    "America/Los_Angeles",
    (
        Person("admin@acme.test", "Ada", "Byron", Role.OWNER, time_zone="Europe/Madrid"),
        Person("smsadmin@acme.test", "Sam", "Rivers", Role.SMS_ADMIN),
        Person("marketer@acme.test", "Mara", "Linden", Role.MARKETER),
        Person("manager@acme.test", "Miriam", "Okafor", Role.CALL_MANAGER, "203", team="Sales"),
        Person("agent@acme.test", "Ben", "Carter", Role.CALL_AGENT, "201", team="Sales"),
        Person(
            "agent2@acme.test",
            "Cleo",
            "Dubois",
            Role.CALL_AGENT,
            "202",
            time_zone="Europe/Madrid",
            team="Sales",
        ),
        Person("member@acme.test", "Noor", "Haddad", Role.MEMBER, time_zone="Europe/London"),
    ),
)
GLOBEX = Company(
    "Globex",
    "globex",
    "GB",
    "Europe/London",
    (Person("admin@globex.test", "Gus", "Hale", Role.OWNER),),
)
COMPANIES = (ACME, GLOBEX)
#: Set Patchbay up at Acme and left; nobody signs in as him.
CONSULTANT = Person("kai@consulting.test", "Kai", "Lund", Role.ADMIN)


def found_companies() -> None:
    """Make the workspaces and their members; whoever is there already is left alone."""
    # Hashing is slow on purpose, and everybody has the same password here.
    password = make_password(PASSWORD)
    for company in COMPANIES:
        workspace, created = Workspace.objects.get_or_create(
            slug=company.slug,
            defaults={
                "name": company.name,
                "default_region": company.region,
                "time_zone": company.time_zone,
            },
        )
        if created:
            with workspace_scope(workspace):
                registry.found_workspace()
                for person in company.people:
                    hire(workspace, person, password)


def hire(workspace: Workspace, person: Person, password: str) -> None:
    """Make somebody a member of the workspace in scope; ``password`` is hashed already."""
    user, _ = User.objects.get_or_create(
        email=person.email,
        defaults={
            "password": password,
            "first_name": person.first_name,
            "last_name": person.last_name,
        },
    )
    EmailAddress.objects.get_or_create(
        user=user, email=person.email, defaults={"verified": True, "primary": True}
    )
    membership = join_workspace(workspace, user, [person.role])
    membership.extension, membership.time_zone = person.extension, person.time_zone
    if person.team:
        membership.team, _ = Team.objects.get_or_create(workspace=workspace, name=person.team)
    membership.save(update_fields=["extension", "time_zone", "team"])
