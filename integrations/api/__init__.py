"""The public API under ``/api/v1/``: keys instead of sessions, problems as JSON."""
