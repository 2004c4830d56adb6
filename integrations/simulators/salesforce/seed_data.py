"""The words and numbers from which the seed makes its company. All numbers are set aside for
fiction (North America 555-01xx, Ofcom's drama numbers) or plainly invented (Spain)."""

from integrations.simulators.salesforce.access import ADMIN_PROFILE

SYNC_USERNAME = "sync@acme.test"
"""The integration user, who also made everything in the seed."""
ADMINISTRATORS = (SYNC_USERNAME, "admin@acme.test")
PROFILES = (ADMIN_PROFILE, "Standard User")
INACTIVE_USERNAME = "left@acme.test"
QUEUE_NAME = "Unanswered Calls"

COMPANIES = (
    ("Northwind Robotics", "Manufacturing", "United States"),
    ("Bluebird Logistics", "Transportation", "United States"),
    ("Harbor & Pine", "Retail", "United States"),
    ("Cascade Dental", "Healthcare", "United States"),
    ("Juniper Software", "Technology", "United States"),
    ("Thames Printworks", "Media", "United Kingdom"),
    ("Camden Cycles", "Retail", "United Kingdom"),
    ("Foxglove Catering", "Hospitality", "United Kingdom"),
    ("Greenwich Optics", "Manufacturing", "United Kingdom"),
    ("Talleres Ribera", "Manufacturing", "Spain"),
    ("Olivares Export", "Food", "Spain"),
    ("Faro Digital", "Technology", "Spain"),
)
FIRST_NAMES = (
    "Amelia", "Bruno", "Carla", "Daniel", "Elena", "Felix", "Grace", "Hugo", "Irene", "Jonas",
    "Kira", "Liam", "Marta", "Noah", "Olivia", "Pablo", "Quinn", "Rosa", "Samir", "Tessa",
    "Uma", "Victor", "Wanda", "Ximena", "Yusuf", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Barros", "Castillo", "Doyle", "Ekström", "Ferreira", "Grant", "Hughes", "Ibáñez",
    "Jansen", "Keller", "Lindqvist", "Moreno", "Nakamura", "O'Neill", "Price", "Quiroga", "Reyes",
    "Sharma", "Turner", "Ueda", "Vargas", "Walsh", "Xu", "Young", "Zamora",
)  # fmt: skip
TITLES = ("Buyer", "Operations Manager", "CTO", "Office Manager", "Head of Sales", "Engineer")
TASK_STATUSES = (
    ("Not Started", False),
    ("In Progress", False),
    ("Completed", True),
    ("Waiting on someone else", False),
    ("Deferred", False),
)
LEAD_STATUSES = (
    ("Open - Not Contacted", False),
    ("Working - Contacted", False),
    ("Closed - Converted", True),
    ("Closed - Not Converted", False),
)
HEAD_ROLE, TEAM_ROLE = ROLES = ("Head of Service", "Service Team")
"""The role hierarchy; administrators stand outside of it."""
ROLE_BY_USERNAME = {
    "manager@acme.test": HEAD_ROLE,
    "agent@acme.test": TEAM_ROLE,
    "agent2@acme.test": TEAM_ROLE,
    "member@acme.test": TEAM_ROLE,
}
USERS = (
    # username, first name, last name, time zone, extension, active
    (SYNC_USERNAME, "Patchbay", "Sync", "Europe/London", None, True),
    ("admin@acme.test", "Ada", "Byron", "Europe/Madrid", "100", True),
    ("manager@acme.test", "Miriam", "Okafor", "America/Los_Angeles", "110", True),
    ("agent@acme.test", "Ben", "Carter", "America/Los_Angeles", "101", True),
    ("agent2@acme.test", "Cleo", "Dubois", "Europe/Madrid", "102", True),
    ("member@acme.test", "Noor", "Haddad", "Europe/London", "103", True),
    (INACTIVE_USERNAME, "Leo", "Former", "America/Los_Angeles", None, False),
)
