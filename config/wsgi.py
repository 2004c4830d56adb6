"""The console as a WSGI application."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# A server does not run the system checks by itself; with an error among them it must not start.
call_command("check", verbosity=0)
