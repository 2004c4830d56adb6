"""What the softphone panel's script says, so that it can be translated like everything else."""

from django.utils.translation import gettext as _


def panel_texts() -> dict[str, str]:
    """The texts by the names that the script uses; ``{name}`` stands for what it puts there."""
    return _states() | _calls() | _wrap_up() | _parts()


def _states() -> dict[str, str]:
    return {
        "available": _("Available"),
        "not_connected": _("Not connected"),
        "signed_out": _("Signed out"),
        "sign_in": _("Sign in"),
        "sign_in_why": _(
            "Sign in to see your calls here. A small window opens and closes by itself."
        ),
        "pop_up_blocked": _(
            "The browser kept the sign-in window closed. Allow pop-up windows for this page, then "
            "press Sign in again."
        ),
        "connecting": _("Connecting…"),
        "live": _("Calls appear as they happen."),
        "polling": _(
            "The live connection is away, so Patchbay asks every few seconds. It changes back by "
            "itself."
        ),
        "away": _(
            "Patchbay does not answer. The panel goes on trying; your telephone works as ever."
        ),
        "sign_out": _("Sign out"),
    }


def _calls() -> dict[str, str]:
    return {
        "ringing": _("Ringing"),
        "talking": _("Talking"),
        "held": _("On hold"),
        "wrap_up": _("Wrap-up"),
        "inbound": _("Inbound"),
        "outbound": _("Outbound"),
        "internal": _("Internal"),
        "withheld": _("Number withheld"),
        "unknown": _("Unknown caller"),
        "called": _("called {did}"),
        "by_queue": _("by {queue}"),
        "no_calls": _("No call at the moment."),
        "announce": _("{phase}: {caller}"),
        "pop": _("Pop"),
        "search": _("Search"),
        "new": _("New"),
        "pop_what": _("Open {record} in Salesforce and file the call there"),
        "search_what": _("{count} records hold this number. Choose the right one."),
        "new_what": _("No record holds this number. Make one in Salesforce, with the number."),
        "choose": _("Choose"),
        "chosen": _("The call is filed under {record}."),
        "other_record": _("Another record"),
        "record_address": _("Address or id of the record in Salesforce"),
        "file_here": _("File here"),
        "no_salesforce": _("Salesforce is not connected, so nothing can be opened there."),
        "close": _("Close"),
    }


def _wrap_up() -> dict[str, str]:
    return {
        "note": _("Note"),
        "note_hint": _("Goes into the call record."),
        "disposition": _("Result"),
        "save": _("Save"),
        "saved": _("Saved."),
        "done": _("Done"),
        "seconds_left": _("Ends by itself in {seconds} s"),
    }


def _parts() -> dict[str, str]:
    return {
        "recent": _("Recent calls"),
        "no_recent": _("Calls of yours appear here."),
        "diagnostics": _("Diagnostics"),
        "passes": _("OK"),
        "fails": _("Failed"),
        "keys": _("Keys"),
        "key_badge": _("Pop, Search or New of the first call"),
        "key_done": _("Done with the first call in wrap-up"),
        "key_note": _("To the note of the first call"),
        "key_diagnostics": _("Open or close diagnostics"),
        "other_diallers": _(
            "Other dialler add-ons of the browser can take calls away from this panel. Switch them "
            "off."
        ),
        "failed": _("That did not work: {reason}"),
    }
