"""What lives in Salesforce and can be downloaded here, with what each is for.

Everything is optional but the permissions themselves: Patchbay works in an org that nobody has
customised (MIX-06).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.salesforce.metadata import Component, Values, build_package, build_xml
from integrations.salesforce.permission_sets import (
    Grants,
    build_permission_set,
    grants_for_missing,
    grants_for_needs,
)
from integrations.salesforce.proofs import PreflightReport
from integrations.salesforce.record_buttons import (
    call_buttons,
    composer_pages,
    messages_buttons,
    send_buttons,
)
from integrations.salesforce.rights import KEY_FIELD, START_FIELD, Scope, list_needs

#: The checkbox of people who want no texts; Salesforce has none of its own (salesforce.md 4.7).
OPT_OUT_FIELD = "SMS_Opt_Out__c"
#: External Client Apps came with 59 (salesforce.md 1.12); the rest is older than our floor.
_APP_VERSION, _VERSION = "60.0", "51.0"
_APP = "Patchbay"


@dataclass(frozen=True)
class Place:
    """What the files name of this installation and workspace."""

    callback_address: str
    call_search_address: str
    contact_mail: str
    compose_address: str = ""
    record_messages_address: str = ""
    composer_address: str = ""
    report: PreflightReport | None = None


@dataclass(frozen=True)
class Download:
    """One package; ``build`` returns no components where there is nothing to download now."""

    name: str
    title: str | Promise
    purpose: str | Promise
    build: Callable[[Place], Iterable[Component]]
    version: str = _VERSION

    @property
    def file_name(self) -> str:
        """What the browser stores it as."""
        return f"patchbay-{self.name}.zip"

    def package(self, place: Place) -> bytes | None:
        """The zip; None where there is nothing in it."""
        components = list(self.build(place))
        return build_package(components, version=self.version) if components else None


def _missing(place: Place) -> list[Component]:
    report = place.report
    grants = grants_for_missing((*report.missing, *report.missing_later)) if report else Grants()
    if grants.is_empty:
        return []
    text = "Exactly what the preflight of Patchbay found missing."
    return [build_permission_set("Patchbay_Missing", "Patchbay: what is missing", text, grants)]


def _sync_user_rights(place: Place) -> list[Component]:
    scope = Scope(activity_history=True, legacy=True, has_links=True)
    text = "Everything that the Sync User of Patchbay needs."
    grants = grants_for_needs(list_needs(scope))
    return [build_permission_set("Patchbay_Sync_User", "Patchbay Sync User", text, grants)]


def _personal_rights(place: Place) -> list[Component]:
    grants = grants_for_needs(list_needs(Scope(is_personal=True)))
    text = "For people who connect a Salesforce account of their own to Patchbay."
    return [build_permission_set("Patchbay_User", "Patchbay User", text, grants)]


def _external_client_app(place: Place) -> list[Component]:
    """Three components, as the Metadata API has them (salesforce.md 1.12)."""
    app = build_xml(
        "ExternalClientApplication",
        {
            "contactEmail": place.contact_mail,
            "description": "Lets Patchbay read people and write call records.",
            "distributionState": "Local",
            "isProtected": False,
            "label": _APP,
        },
    )
    global_settings = build_xml(
        "ExtlClntAppGlobalOauthSettings",
        {
            "callbackUrl": place.callback_address,
            "externalClientApplication": _APP,
            "isConsumerSecretOptional": False,
            "isPkceRequired": True,
            "isSecretRequiredForRefreshToken": True,
            "label": f"{_APP}_glbloauth",
        },
    )
    settings = build_xml(
        "ExtlClntAppOauthSettings",
        {
            # Basic is the scope id, in the words of the Metadata API.
            "commaSeparatedOauthScopes": "Api, RefreshToken, Basic, OpenID",
            "externalClientApplication": _APP,
            "label": f"{_APP}_oauth",
        },
    )
    return [
        Component("ExternalClientApplication", _APP, f"externalClientApps/{_APP}.eca", app),
        Component(
            "ExtlClntAppGlobalOauthSettings",
            f"{_APP}_glbloauth",
            f"extlClntAppGlobalOauthSets/{_APP}_glbloauth.ecaGlblOauth",
            global_settings,
        ),
        Component(
            "ExtlClntAppOauthSettings",
            f"{_APP}_oauth",
            f"extlClntAppOauthSettings/{_APP}_oauth.ecaOauth",
            settings,
        ),
    ]


def _fields(place: Place) -> list[Component]:
    """Activity fields serve Task and Event; a new field is visible to nobody (salesforce.md 7)."""
    key: Values = {
        "fullName": KEY_FIELD,
        "caseSensitive": True,
        "description": "Patchbay’s own key of the record: no record can be written twice.",
        "externalId": True,
        "label": "Patchbay Key",
        "length": "40",
        "required": False,
        "type": "Text",
        "unique": True,
    }
    start: Values = {
        "fullName": START_FIELD,
        "description": "When the call began; reports can sort by it.",
        "externalId": False,
        "label": "Call Start",
        "required": False,
        "type": "DateTime",
    }
    text = build_xml("CustomObject", {"fields": [key, start]})
    path = "objects/Activity.object"
    grants = Grants()
    for sobject in ("Task", "Event"):
        for name in (KEY_FIELD, START_FIELD):
            grants.add(sobject, "write_field", name)
    purpose = "Makes the fields of Patchbay on activities visible."
    return [
        Component("CustomField", f"Activity.{KEY_FIELD}", path, text),
        Component("CustomField", f"Activity.{START_FIELD}", path, text),
        build_permission_set("Patchbay_Fields", "Patchbay Fields", purpose, grants),
    ]


def _opt_out_field(place: Place) -> list[Component]:
    """A checkbox of one name on both kinds of people."""
    checkbox: Values = {
        "fullName": OPT_OUT_FIELD,
        "defaultValue": "false",
        "description": "This person wants no text messages. Patchbay keeps it in step.",
        "label": "SMS Opt-Out",
        "type": "Checkbox",
    }
    text = build_xml("CustomObject", {"fields": [checkbox]})
    grants = Grants()
    components = []
    for sobject in ("Contact", "Lead"):
        grants.add(sobject, "write_field", OPT_OUT_FIELD)
        path = f"objects/{sobject}.object"
        components.append(Component("CustomField", f"{sobject}.{OPT_OUT_FIELD}", path, text))
    purpose = "Shows the checkbox SMS Opt-Out to those who have this set."
    name, title = "Patchbay_SMS_Opt_Out", "Patchbay SMS Opt-Out"
    return [*components, build_permission_set(name, title, purpose, grants)]


_APEX = """/** The signed-in user and their time zone, for panels inside Salesforce. */
global with sharing class GetCurrentUser {
    /** The time zone's display name. */
    webservice static String getUserTimeZone() {
        return UserInfo.getTimeZone().getDisplayName();
    }

    webservice static Id getUserId() {
        return UserInfo.getUserId();
    }
}
"""


def _apex(place: Place) -> list[Component]:
    about = build_xml("ApexClass", {"apiVersion": _VERSION, "status": "Active"})
    path = "classes/GetCurrentUser.cls"
    return [
        Component("ApexClass", "GetCurrentUser", path, _APEX),
        Component("ApexClass", "GetCurrentUser", f"{path}-meta.xml", about),
    ]


DOWNLOADS: tuple[Download, ...] = (
    Download(
        "missing",
        _("Permission set: what is missing"),
        _("Exactly what the last preflight found missing. Assign it to the Sync User."),
        _missing,
    ),
    Download(
        "sync-user",
        _("Permission set: Sync User"),
        _("Everything that the Sync User can need, with every option on. Assign it to that user."),
        _sync_user_rights,
    ),
    Download(
        "user",
        _("Permission set: members with an account of their own"),
        _("For people who connect their own Salesforce account under My account."),
        _personal_rights,
    ),
    Download(
        "app",
        _("External Client App"),
        _(
            "The app that people approve, with Patchbay’s callback address and scopes. After "
            "deploying, copy its consumer key and secret to the page Salesforce app."
        ),
        _external_client_app,
        _APP_VERSION,
    ),
    Download(
        "fields",
        _("Optional fields on activities"),
        _(
            "Patchbay_Key__c, a unique external id with which no record can be written twice, and "
            "Call_Start__c, by which reports can sort. With a permission set that shows them."
        ),
        _fields,
    ),
    Download(
        "opt-out-field",
        _("Checkbox “SMS Opt-Out” on Contact and Lead"),
        _(
            "Patchbay sets it when somebody opts out, and heeds it when somebody sets it in "
            "Salesforce. With a permission set that shows it: assign that to the Sync User and to "
            "whoever may change it. Patchbay finds the new checkbox within an hour."
        ),
        _opt_out_field,
    ),
    Download(
        "buttons",
        _("Buttons “Calls in Patchbay”"),
        _(
            "On Contact, Lead and Account: opens the call history of the record’s number. Add them "
            "to the page layouts after deploying."
        ),
        lambda place: call_buttons(place.call_search_address),
    ),
    Download(
        "sms-buttons",
        _("Buttons “Send SMS”"),
        _(
            "On Contact, Lead and, for person accounts, Account: opens Compose with the record. "
            "After deploying, drag the button onto the page layout, and into its mobile and "
            "Lightning actions."
        ),
        lambda place: send_buttons(place.compose_address),
    ),
    Download(
        "sms-composer",
        _("Composer inside Salesforce"),
        _(
            "A Visualforce page for Contact and one for Lead, which hold the composer. After "
            "deploying, let profiles or permission sets use the pages, and put them on the page "
            "layout or, in the Lightning App Builder, on the record page."
        ),
        lambda place: composer_pages(place.composer_address),
    ),
    Download(
        "sms-messages",
        _("Buttons “Text messages”"),
        _(
            "On Contact, Lead and Campaign: opens the record’s texts in Patchbay, with what became "
            "of each. After deploying, drag the button onto the page layout."
        ),
        lambda place: messages_buttons(place.record_messages_address),
    ),
    Download(
        "apex",
        _("Apex class GetCurrentUser"),
        _(
            "Tells panels inside Salesforce the user’s time zone. Patchbay itself reads it without "
            "this class, so it is needed only where another panel asks for it."
        ),
        _apex,
    ),
)


def find_download(name: str) -> Download | None:
    """The download of that name."""
    return next((one for one in DOWNLOADS if one.name == name), None)
