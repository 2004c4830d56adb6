"""Simulators of outside parties, on the wire only.

Shared here by every simulator: `server` runs one, `requestlog` remembers what arrived, `faults`
breaks answers on purpose, `control` serves the `/_sim/` addresses. None of it knows a vendor, and
none of it imports Django, a model or a service: production clients talk to simulators unchanged.
"""
