"""Makes manage.py work on a bare machine."""


def ensure_environment(argv: list[str]) -> None:
    """Placeholder until the bootstrap helper lands."""
