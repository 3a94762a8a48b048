"""What every command shares: who acts, refusals as one sentence, an example in the help."""

from __future__ import annotations

import os
import signal
import sys
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from accounts.actors import Actor, Missing, Refusal
from accounts.models import User


class Refused(CommandError):
    """An operation said no; its sentence is shown after this name."""


class Failed(CommandError):
    """Something outside the rules went wrong: a file, the disk, the database."""


class OperationCommand(BaseCommand):
    """A command that finds rows and calls an operation, as somebody or as the system.

    `handle` gets the actor as `by`. A refusal is one sentence and exit code 1.
    """

    example = ""
    # `start` checks the installation; a command should answer at once.
    requires_system_checks: list[str] = []

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        """Add --as and the example."""
        kwargs["epilog"] = f"Example: {settings.MANAGE} {self.example}"
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument(
            "--as",
            dest="acting_user",
            metavar="USER",
            help="act as this person (e-mail or username), with their rights; "
            "without it the command acts as the system, which may do everything",
        )
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Let a polite kill, and a terminal that goes away, clean up as Ctrl-C does."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, signal.default_int_handler)
        super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run with an actor; tell a refusal from a fault, and both in one sentence."""
        try:
            options["by"] = actor(options.pop("acting_user", None))
            return self._flushed(super().execute(*args, **options))
        except Refusal as refusal:
            raise Refused(str(refusal)) from refusal
        except (OperationalError, ProgrammingError) as error:
            raise Failed(_database_sentence(error)) from error
        except UnicodeEncodeError as error:
            raise Failed("A name on the command line is not UTF-8.") from error
        except BrokenPipeError:
            # The reader of our output went away, as `| head` does: nothing more to say.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return None
        except OSError as error:
            raise Failed(file_sentence(error)) from error
        except KeyboardInterrupt:
            raise Failed("Interrupted.", returncode=130) from None

    def _flushed(self, done: str | None) -> str | None:
        """Meet a reader that went away here, not at the exit, where nothing catches it."""
        sys.stdout.flush()
        return done

    def note(self, sentence: str) -> None:
        """Tell the person something; standard output is kept for the result."""
        self.stderr.write(sentence, style_func=str)


def actor(name: str | None) -> Actor:
    """Return the person of that e-mail address or username as the actor, or the system."""
    if name is None:
        return Actor.system("command")
    user = User.objects.select_related("entity").named(name).first()
    if user is None:
        raise Missing(f"There is no user {name}.")
    if not user.is_active:
        raise Missing(f"{user} is deactivated.")
    return Actor(user=user, via="command")


def secret_from_stdin() -> str:
    """Return the first line of standard input: secrets never stand on a command line."""
    return sys.stdin.readline(4096).rstrip("\r\n")


def asked_password(prompt: str = "Password: ") -> str:
    """Ask for a password on the terminal, and for the same again unless it is empty."""
    password = getpass(prompt)
    if password and getpass("Again: ") != password:
        raise Failed("The passwords differ.")
    return password


def file_sentence(error: OSError) -> str:
    """Say which file could not be used, and why."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."


def _database_sentence(error: Exception) -> str:
    detail = str(error).strip().partition("\n")[0]
    if isinstance(error, ProgrammingError) or detail.startswith("no such "):
        first = f"{settings.MANAGE} start, or {settings.MANAGE} migrate"
        return f"The database is not ready. First: {first}"
    return f"The database cannot be used: {detail}."
