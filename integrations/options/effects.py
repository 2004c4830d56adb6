"""What holds now, in one sentence an option, with all options taken together (CTM-03, K-06, C1).

Each function is pure: it reads the situation alone. The tables of their tests are the rules.
"""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.options.new_records import new_record_on_answer
from integrations.options.specs import Situation

_EXAMPLE_LOCAL, _EXAMPLE_E164 = "(415) 555-2671", "+14155552671"


def activity_history(now: Situation) -> str:
    if not now["activity_history"]:
        return _("Nothing is written to Salesforce about calls; they stand in Patchbay alone.")
    if now["legacy"]:
        return _("One Task a call is written, the legacy way: under a Lead or a Contact.")
    if now["record_unanswered"] == "none":
        return _("Each member who talked gets one closed Task; unanswered calls get none.")
    return _("Each member who talked gets one closed Task; an unanswered call gets one, too.")


def retrieve_contacts(now: Situation) -> str:
    if now["retrieve_contacts"]:
        return _("Names and accounts of people who match a number are kept in Patchbay.")
    if now["activity_history"]:
        return _("Nothing is kept. A number is still searched for, only to file the call’s record.")
    return _("Nothing is kept, and no number is searched for to file a record.")


def save_internal_calls(now: Situation) -> str:
    if now["save_internal_calls"]:
        return _("Calls among colleagues get a record, too, filed under nobody.")
    return _("Calls among colleagues stand in the call history alone.")


def record_unanswered(now: Situation) -> str:
    if now["record_unanswered"] == "none":
        return _("A call that nobody answered stands in the call history alone.")
    return _("A call that nobody answered gets one record: of the only member rung, else of the "
             "default owner.")  # fmt: skip


def log_without_panel(now: Situation) -> str:
    if now["log_without_panel"]:
        return _("Calls are recorded whether or not the softphone panel was open.")
    return _("A call is recorded only for members whose softphone panel was open during it.")


def timezone_in_subject(now: Situation) -> str:
    return _("A subject begins “%(example)s …”.") % {"example": _example_subject(now)}


def _example_subject(now: Situation) -> str:
    twelve = now["subject_format"] == "12h/zone name"
    time = "2:05:09 PM" if twelve else "14:05:09"
    zone = " Pacific Standard Time" if twelve else " America/Los Angeles"
    return f"Inbound Call at {time}{zone if now['timezone_in_subject'] else ''} from"


def default_owner(now: Situation) -> str:
    if now["default_owner"]:
        return _("Records that belong to no linked member go to %(owner)s.") % {
            "owner": now["default_owner"]
        }
    return _("Records that belong to no linked member go to the Sync User.")


def search_dialog(now: Situation) -> str:
    if now["search_dialog"]:
        return _("The agent chooses among several matches; the call is filed under the choice.")
    return _("No dialog opens: of several matches none is chosen by the agent during the call.")


def multi_match(now: Situation) -> str:
    if now["legacy"] and now["activity_history"]:
        return _("Legacy mode decides by itself: the newest Contact, else the newest Lead.")
    if now["multi_match"] == "none":
        return _("Where nobody chose, a call with several matches is filed under nothing.")
    if now["multi_match"] == "precedence":
        return _("Where nobody chose, it goes to the Contact, else the Account, else the Lead; of "
                 "several to the one changed last.")  # fmt: skip
    if now["search_dialog"]:
        return _("Where nobody chose in the dialog, the call waits under Needs review.")
    return _("Triggers choose; where none does, the call waits under Needs review.")


def manual_dial_single_match(now: Situation) -> str:
    if now["manual_dial_single_match"] == "associate":
        return _("A call dialled in the dial field is filed under the only match.")
    return _("A call dialled in the dial field is filed under nothing by itself.")


def edit_mode(now: Situation) -> str:
    return new_record(now)


def auto_create(now: Situation) -> str:
    if now["edit_mode"]:
        return _("Overruled by edit mode: nothing is stored before the agent presses Save.")
    return new_record(now)


def new_record(now: Situation) -> str:
    """What an agent sees who answers a call without a match (K-04)."""
    new = new_record_on_answer(
        now.surface, edit_mode=now["edit_mode"], auto_create=now["auto_create"]
    )
    if new.is_stored_on_answer:
        return _("Without a match, answering stores a new record and opens it.")
    if new.opens == "edit form":
        return _("Without a match, answering opens a form in edit mode; Save stores the record.")
    return _("Without a match, answering opens a form that is filled in; Save stores the record.")


def pop_on(now: Situation) -> str:
    return {
        "manual": _("A record opens when the agent presses Pop."),
        "ring": _("A record opens when an outside call rings."),
        "answer": _("A record opens when an outside call is answered."),
    }[now["pop_on"]]


def respect_record_access(now: Situation) -> str:
    if now["respect_record_access"]:
        return _("Of records that an agent may not open in Salesforce, type and name are shown.")
    return _("The panel shows every match in full, whatever the agent may open in Salesforce.")


def local_numbers(now: Situation) -> str:
    if now["local_numbers"]:
        return _("Phone fields read %(number)s; numbers of other countries as people write them "
                 "there.") % {"number": _EXAMPLE_LOCAL}  # fmt: skip
    return _("Phone fields read %(number)s.") % {"number": _EXAMPLE_E164}


def full_region_names(now: Situation) -> str:
    if now["full_region_names"]:
        return _("New records say “United States” and “California”.")
    return _("New records say “US” and “CA”.")


def limit_data_access(now: Situation) -> str:
    if now["limit_data_access"]:
        return _("Call managers and call agents cannot open the logs or what was sent to "
                 "Salesforce; other roles can.")  # fmt: skip
    return _("Everyone who may read a log sees what was sent to Salesforce.")


def legacy(now: Situation) -> str:
    if now["legacy"]:
        return _("Each call has one Task under a Lead or Contact, changed while it goes on; an "
                 "unknown inbound caller becomes a new Lead. Triggers sleep.")  # fmt: skip
    return _("Each member who talked has a record of their own; triggers may shape it.")


def internal_length(now: Situation) -> str:
    count = now["internal_length"]
    return ngettext(
        "Numbers of %(count)s digit without + are extensions.",
        "Numbers of up to %(count)s digits without + are extensions.",
        count,
    ) % {"count": count}


def internal_prefixes(now: Situation) -> str:
    if now["internal_prefixes"]:
        return _("Such a number must begin with %(prefixes)s to be an extension.") % {
            "prefixes": _(" or ").join(now["internal_prefixes"])
        }
    return _("Such a number is an extension whatever it begins with.")


def outside_prefix(now: Situation) -> str:
    if now["outside_prefix"]:
        return _("%(prefix)s at the beginning of a dialled number is taken off.") % {
            "prefix": now["outside_prefix"]
        }
    return _("Dialled numbers are taken as they are.")


def cache_minutes(now: Situation) -> str:
    count = now["cache_minutes"]
    return ngettext(
        "A number is searched for again after %(count)s minute.",
        "A number is searched for again after %(count)s minutes.",
        count,
    ) % {"count": count}


def run_assignment_rules(now: Situation) -> str:
    if now["run_assignment_rules"]:
        return _("Salesforce’s assignment rules may give a new Lead to somebody else.")
    return _("A new Lead belongs to the member whose call it was.")


def strict_editions(now: Situation) -> str:
    if now["strict_editions"]:
        return _("Only editions that come with API access can be connected.")
    return _("Any org that answers requests can be connected, whatever its edition.")


def api_reserve_percent(now: Situation) -> str:
    return _("Below %(percent)s %% of the day’s requests, what can wait waits.") % {
        "percent": now["api_reserve_percent"]
    }


def error_mail(now: Situation) -> str:
    if now["error_mail"]:
        return _("People on the list get a mail about errors.")
    return _("Errors show on Home and in the activity log; nobody gets a mail.")


def hold_on_suggestion(now: Situation) -> str:
    if now["hold_on_suggestion"]:
        return _("Marketing to a number waits while a possible opt-out is undecided.")
    return _("Marketing to a number goes on while a possible opt-out is undecided.")


def mirror_campaign_sms(now: Situation) -> str:
    return {
        "each": _("Each message of a campaign becomes a Task."),
        "status": _("Campaign messages change the member status alone."),
        "none": _("Campaign messages leave nothing in Salesforce."),
    }[now["mirror_campaign_sms"]]


def opt_out_field(now: Situation) -> str:
    if now["opt_out_field"]:
        return _("Opt-outs are kept in step with the checkbox %(field)s, where it is there.") % {
            "field": now["opt_out_field"]
        }
    return _("Opt-outs are kept in step with the org’s own SMS opt-out checkbox, if it has one.")
