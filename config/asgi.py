"""The live stream of softphone panels as an ASGI application: ``/live/`` and nothing else."""

import os

import django
from django.core.management import call_command
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django.setup()
# A server does not run the system checks by itself; with an error among them it must not start.
call_command("check", verbosity=0)
application = import_string("calls.live.make_live_app")()
