"""What the tables of calls hold about people (RULES C8)."""

from calls.dialling import KEPT as DIALS_KEPT
from calls.panel_sessions import KEPT
from integrations.personal_data import table

TABLES = (
    table(
        "calls.Call",
        technical="call_key outcome did queue unknown_fields contact_sobject given_up_legs"
        " dial_source",
        person="external_raw external_e164 caller_name name_hints contact_name account_name"
        " contact_record_id candidates gone_records similar_records",
    ),
    table(
        "calls.CallLeg",
        technical="leg_key end_cause transferred_to_leg_key transferred_from_leg_key",
        member="extension user_email transferred_to_extension",
        person="external_raw",
        content="recording_url voicemail_url note disposition",
    ),
    table("calls.LegEvent", technical="event_id leg_key type", content="payload"),
    table("calls.Interaction", technical="leg_key", person="record"),
    table(
        "calls.DialRequest",
        kept=f"{DIALS_KEPT.days} days",
        person="number phone_e164 record",
    ),
    table(
        "calls.PanelSession",
        kept=f"{KEPT.days} days",
        sealed="code_digest challenge token_digest",
    ),
    table("calls.PanelFeed"),
    table("calls.PanelEvent", kept="an hour"),
    table("calls.SoftphoneUser"),
    table("calls.SoftphoneLayout", technical="name settings"),
    table("calls.SoftphoneLayoutAssignment"),
    table("calls.TrackedNumber", technical="phone_e164 label campaign_id campaign_name"),
)
