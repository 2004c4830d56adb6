"""``manage.py demo``: everything in one command, with made-up companies and simulators."""

import json
import os
import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.demo import environment
from integrations.demo.parts import Demo, SmokeFailed
from integrations.demo.report import format_report
from integrations.demo.runner import run_smoke, start_demo
from integrations.demo.salesforce import refuse_tasks
from integrations.demo.supervisor import Interrupted, Supervisor


class Command(BaseCommand):
    help = "Start Patchbay with made-up companies and simulators of the outside world."
    # The demo migrates its own database first.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        environment.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Start the demo by manage.py, which prepares its environment.")
        place = environment.current_place()
        try:
            with Supervisor(place.data / "logs", self.stderr.write).running() as supervisor:
                self._run(place, supervisor, options)
        except Interrupted:
            self.stderr.write("Stopped.")
        except (environment.DemoError, SmokeFailed) as error:
            raise CommandError(str(error)) from error
        finally:
            environment.leave(place)

    def _run(
        self, place: environment.DemoPlace, supervisor: Supervisor, options: dict[str, Any]
    ) -> None:
        # What is proven goes to standard output alone.
        say = self.stderr.write
        # A proof needs neither a past nor calls that come by themselves.
        past = timedelta(days=0 if options["smoke"] else options["past_days"])
        demo = Demo(place, past, is_quiet=options["quiet"] or options["smoke"])
        watch = start_demo(demo, supervisor, say=say)
        if options["refuse_tasks"]:
            refuse_tasks(demo)
        if options["smoke"]:
            for record in run_smoke(demo):
                self.stdout.write(json.dumps(record, ensure_ascii=False))
            return
        self.stdout.write(format_report(demo))
        self.stdout.flush()
        seconds = time.monotonic() - environment.STARTED
        # On a busy machine what was computed says more, here and in processes that have ended.
        computed = sum(os.times()[:4])
        say(f"Ready after {seconds:.1f} s ({watch}), {computed:.1f} s of processor time.")
        supervisor.watch()
