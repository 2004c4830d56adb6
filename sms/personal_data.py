"""What the tables of text messages hold about people (RULES C8)."""

from integrations.personal_data import table

TABLES = (
    table("sms.OptOutKeyword", technical="word folded"),
    table("sms.OptOut", person="phone_e164"),
    table("sms.SuppressedNumber", technical="pseudonym"),
    table("sms.OptOutEvent", person="phone_e164", content="evidence"),
    table("sms.OptOutSuggestion", technical="keyword", person="phone_e164"),
    table("sms.Sender", technical="value label"),
    table("sms.SenderCountry", technical="country note"),
    table("sms.Template", technical="name text"),
    table("sms.TemplateVersion", technical="text"),
    table("sms.RecordFields", technical="org_id sobject fields"),
    table(
        "sms.Message",
        technical="our_number encoding idempotency_key person_sobject campaign_record_id"
        " campaign_name error_code provider_message_id",
        person="phone_e164 person_name person_record_id",
        content="text reason",
    ),
    table("sms.MessagePart", technical="provider_part_id"),
    table(
        "sms.DeliveryReport",
        technical="dedupe_key reference provider_message_id provider_part_id provider_status"
        " error_code means",
        content="raw reason",
    ),
    table("sms.OptOutMirror", technical="org_id fields wanted read_up_to waits_for"),
    table("sms.RecordFlag", technical="org_id sobject", person="record_id phone_e164"),
    table("sms.MessageView", technical="name", content="query"),
    table(
        "sms.SmsCampaign",
        technical="org_id campaign_record_id campaign_name text fields last_member_id waits_for",
    ),
    table(
        "sms.CampaignRecipient",
        technical="sobject country zones encoding",
        person="member_id record_id name raw_phone phone_e164 values costly",
    ),
    table("sms.SmsPrice", technical="country currency source"),
)
