"""SMS: senders, templates, messages, campaigns (built by the SMS issues)."""
