"""``manage.py scenario NAME``: tell one of the five stories into an empty database, by the verbs of the product.

It wants a folder of its own (``DATA_DIR``), or an empty PostgreSQL database, and refuses any other. ``--check`` counts
everything again by the statistics and fails where a figure is not the story's.
"""

import time
from argparse import ArgumentTypeError
from fractions import Fraction
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from backend.scenarios.stories import STORIES, NotEmpty, scenario_check, scenario_replay


class Command(BaseCommand):
    help = "Tell the story of a place into an empty database: " + ", ".join(STORIES)

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name", choices=sorted(STORIES))
        parser.add_argument("--scale", type=_scale, default=Fraction(1), help="how much of it, such as 0.01; all")
        parser.add_argument("--check", action="store_true", help="count it again, and fail where a figure is another")
        parser.add_argument("--only-check", action="store_true", help="count what an earlier call has told here")

    def handle(self, *args: Any, **options: Any) -> None:
        name, scale, started = options["name"], options["scale"], time.monotonic()
        if not options["only_check"]:
            if not (least := STORIES[name].expected.least) <= scale <= 1:
                raise CommandError(f"{name} is told at scales from {float(least):g} to 1, not at {float(scale):g}.")
            call_command("migrate", interactive=False, verbosity=0)
            try:
                scenario_replay(name, scale=scale, tell=self.stdout.write)
            except NotEmpty as error:
                raise CommandError(f"{error} Set DATA_DIR to an empty folder.") from error
            took = f"{time.monotonic() - started:.0f} s, of them {time.process_time():.0f} s of the processor"
            self.stdout.write(f"{name}: told in {took}")
        if options["check"] or options["only_check"]:
            self._check(name, scale)

    def _check(self, name: str, scale: Fraction) -> None:
        started = time.monotonic()
        wrong = scenario_check(name, scale=scale)
        for one in wrong:
            self.stdout.write(f"{one.name}: {one.expected:,} expected, counted {one.counted}")
        if wrong:
            raise CommandError(f"{len(wrong)} figures differ.")
        figures = STORIES[name].expected.at(scale)
        for figure, number in figures.items():
            self.stdout.write(f"  {figure}: {number:,}")
        self.stdout.write(
            f"{name}: {len(figures)} figures are the story's; counted in {time.monotonic() - started:.2f} s"
        )


def _scale(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ArgumentTypeError(f"{text} is no number such as 0.01") from None
