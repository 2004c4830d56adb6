"""What calls add to ``manage.py demo``."""
