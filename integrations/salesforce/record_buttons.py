"""What a package puts on the pages of records: buttons that open Patchbay, and the composer.

Each takes the address of a page of ours and gives no components where there is none.
"""

from integrations.salesforce.metadata import Component, Values, build_xml

_PAGE_VERSION = "51.0"


def call_buttons(address: str) -> list[Component]:
    """The calls with the record's number, by the address of their search."""
    if not address:
        return []
    return [
        _button(
            sobject,
            "Patchbay_Calls",
            "Calls in Patchbay",
            f"{address}?q={{!URLENCODE({sobject}.Phone)}}",
        )
        for sobject in ("Contact", "Lead", "Account")
    ]


def send_buttons(address: str) -> list[Component]:
    """The composer with the record: on the layout, and among its mobile and Lightning actions."""
    if not address:
        return []
    return [
        _button(
            sobject,
            "Patchbay_Send_SMS",
            "Send SMS",
            f"{address}?record={{!{sobject}.Id}}",
        )
        for sobject in ("Contact", "Lead", "Account")
    ]


def composer_pages(address: str) -> list[Component]:
    """A Visualforce page an object, which holds the composer in a frame for one record."""
    if not address:
        return []
    about = build_xml(
        "ApexPage", {"apiVersion": _PAGE_VERSION, "availableInTouch": True, "label": "Send SMS"}
    )
    components = []
    for sobject in ("Contact", "Lead"):
        name = f"Patchbay_SMS_{sobject}"
        path = f"pages/{name}.page"
        markup = _COMPOSER.format(sobject=sobject, address=address)
        components += [
            Component("ApexPage", name, path, markup),
            Component("ApexPage", name, f"{path}-meta.xml", about),
        ]
    return components


_COMPOSER = """<apex:page standardController="{sobject}" title="Send SMS">
    <iframe src="{address}?record={{!{sobject}.Id}}" title="Send SMS" width="100%" height="560"
        style="border: 0"></iframe>
</apex:page>
"""


def messages_buttons(address: str) -> list[Component]:
    """The texts of the record, for who wants more than the standard list of activities."""
    if not address:
        return []
    return [
        _button(
            sobject,
            "Patchbay_Messages",
            "Text messages",
            f"{address}?record={{!{sobject}.Id}}",
        )
        for sobject in ("Contact", "Lead", "Campaign")
    ]


def _button(sobject: str, name: str, label: str, url: str) -> Component:
    """A detail page button that opens an address in a window of its own."""
    link: Values = {
        "fullName": name,
        "availability": "online",
        "displayType": "button",
        "encodingKey": "UTF-8",
        "hasMenubar": False,
        "hasScrollbars": True,
        "hasToolbar": False,
        "height": "800",
        "isResizable": True,
        "linkType": "url",
        "masterLabel": label,
        "openType": "newWindow",
        "position": "none",
        "protected": False,
        "showsLocation": True,
        "showsStatus": False,
        "url": url,
    }
    text = build_xml("CustomObject", {"webLinks": [link]})
    return Component("WebLink", f"{sobject}.{name}", f"objects/{sobject}.object", text)
