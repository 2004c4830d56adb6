"""``manage.py permissions``: print docs/permissions.md."""

from typing import Any

from django.core.management.base import BaseCommand

from integrations.permission_table import permissions_page


class Command(BaseCommand):
    help = "Prints docs/permissions.md from the table of roles and capabilities."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(permissions_page(), ending="")
