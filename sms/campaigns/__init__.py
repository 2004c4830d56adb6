"""Texts to all members of a Salesforce campaign: whom, what exactly, when, and what became of it.

``drafts`` and ``launch`` take what people decide, ``work`` does the rest in the background:
``audience`` reads the members, ``rendering`` works every text out, ``queueing`` makes the messages.
These leave by the same way as any other text (``sms.submitting``), which asks ``gate`` just before.
"""
