"""``manage.py personal_data``: print docs/personal-data.md."""

from typing import Any

from django.core.management.base import BaseCommand

from integrations.personal_data_page import personal_data_page


class Command(BaseCommand):
    help = "Prints docs/personal-data.md from what is said of each table."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(personal_data_page(), ending="")
