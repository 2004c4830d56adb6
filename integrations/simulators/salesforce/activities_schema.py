"""Task, Event and TaskStatus (reference 4.1, 4.3)."""

from __future__ import annotations

from dataclasses import replace

from integrations.simulators.salesforce.schema import (
    Field,
    day,
    flag,
    long_text,
    lookup,
    moment,
    number,
    picklist,
    text,
)
from integrations.simulators.salesforce.standard_fields import define_object, read_only

WHAT_TARGETS = ("Account", "Campaign", "Case", "Opportunity")

_SUBJECT = Field(
    "Subject",
    "Subject",
    "combobox",
    255,
    picklist=("Call", "Email", "Send Letter", "Send Quote", "Other"),
    name_field=True,
)


TASK = define_object(
    "Task",
    "Task",
    "Tasks",
    "00T",
    [
        _SUBJECT,
        lookup("WhoId", "Name ID", "Contact", "Lead", children="Tasks"),
        lookup("WhatId", "Related To ID", *WHAT_TARGETS, children="Tasks"),
        day("ActivityDate", "Due Date Only"),
        picklist(
            "Status",
            "Status",
            "Not Started",
            "In Progress",
            "Completed",
            "Waiting on someone else",
            "Deferred",
            default="Not Started",
        ),
        picklist("Priority", "Priority", "High", "Normal", "Low", default="Normal"),
        read_only(flag("IsHighPriority", "High Priority")),
        lookup("OwnerId", "Assigned To ID", "Group", "User"),
        long_text("Description", "Description"),
        picklist("Type", "Type", "Call", "Email", "Meeting", "Other"),
        read_only(lookup("AccountId", "Account ID", "Account")),
        read_only(flag("IsClosed", "Closed")),
        read_only(moment("CompletedDateTime", "Completed Date/Time")),
        number("CallDurationInSeconds", "Call Duration"),
        picklist("CallType", "Call Type", "Internal", "Inbound", "Outbound", restricted=True),
        text("CallDisposition", "Call Result", 255),
        text("CallObject", "Call Object Identifier", 255),
        flag("IsReminderSet", "Reminder Set"),
        moment("ReminderDateTime", "Reminder Date/Time"),
        read_only(flag("IsArchived", "Archived")),
        picklist(
            "TaskSubtype",
            "Task Subtype",
            "Task",
            "Email",
            "ListEmail",
            "Cadence",
            "Call",
            "LinkedIn",
            default="Task",
            restricted=True,
            updateable=False,
        ),
    ],
)

EVENT = define_object(
    "Event",
    "Event",
    "Events",
    "00U",
    [
        replace(_SUBJECT, picklist=("Call", "Email", "Meeting", "Send Letter/Quote", "Other")),
        lookup("WhoId", "Name ID", "Contact", "Lead", children="Events"),
        lookup("WhatId", "Related To ID", *WHAT_TARGETS, children="Events"),
        text("Location", "Location", 255),
        flag("IsAllDayEvent", "All-Day Event"),
        moment("ActivityDateTime", "Due Date Time"),
        day("ActivityDate", "Due Date Only"),
        number("DurationInMinutes", "Duration"),
        moment("StartDateTime", "Start Date Time"),
        moment("EndDateTime", "End Date Time"),
        long_text("Description", "Description"),
        read_only(lookup("AccountId", "Account ID", "Account")),
        lookup("OwnerId", "Assigned To ID", "User"),
        picklist("Type", "Type", "Call", "Email", "Meeting", "Other"),
        picklist(
            "ShowAs",
            "Show Time As",
            "Busy",
            "OutOfOffice",
            "Free",
            default="Busy",
            restricted=True,
        ),
        picklist(
            "EventSubtype",
            "Event Subtype",
            "Event",
            default="Event",
            restricted=True,
            updateable=False,
        ),
        flag("IsReminderSet", "Reminder Set"),
    ],
)

TASK_STATUS = define_object(
    "TaskStatus",
    "Task Status Value",
    "Task Status Values",
    "01T",
    [
        replace(text("MasterLabel", "Master Label", 255), name_field=True),
        text("ApiName", "API Name", 255),
        flag("IsClosed", "Is Closed"),
        flag("IsDefault", "Is Default"),
        number("SortOrder", "Sort Order"),
    ],
    createable=False,
    updateable=False,
    deletable=False,
)
