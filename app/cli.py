"""The command line: which commands there are, and how each failure ends."""

import argparse
import difflib
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Protocol, cast

from app.memory import is_full
from core.messages import StudioError, text

# The first is meant where none is named.
COMMANDS = (
    "serve",
    "segment",
    "models",
    "convert",
    "train",
    "evaluate",
    "train-clicks",
    "evaluate-clicks",
    "queries",
    "check-data",
    "data",
    "test",
)
NEED_DEVELOPMENT = ("train", "test")
PASS_ON = ("test",)  # hand unknown arguments on, to pytest

MENDABLE = 2
INTERRUPTED, BROKEN_PIPE = 130, 141  # as a shell says it: 128 + SIGINT, 128 + SIGPIPE


class Command(Protocol):
    """A module of ``app/commands``; both functions import what is heavy only when they run."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the command's options."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Does the command; the exit code."""


def main(argv: Sequence[str], prepare: Callable[[argparse.Namespace], None] = lambda parsed: None) -> int:
    """Runs one command line; what a person can mend is one sentence on stderr.

    Args:
        argv: the command line without the program's name.
        prepare: called between reading the command line and anything that needs an installed package.

    Returns:
        0, the command's own code, 2 for what a person can mend, 130 after Ctrl-C.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=sys.stderr.errors)  # a name that the terminal cannot show stops no work
    try:
        parsed = parse(argv)
        prepare(parsed)
        return _command(parsed.command).run(parsed)
    except StudioError as error:
        return _refused(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever reads the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python still flushes at its end
        return BROKEN_PIPE
    except (MemoryError, RuntimeError) as error:
        if not is_full(error):
            raise
        return _refused(text("error.memory"))
    except OSError as error:
        reason = error.strerror or str(error)
        return _refused(text("cli.system", reason=f"{reason}: {error.filename}" if error.filename else reason))


def _refused(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return MENDABLE


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Reads a command line; ``command`` names the command, ``passed_on`` what a test run hands to pytest.

    Raises:
        StudioError: there is no such command (the near ones are offered).
        SystemExit: an option is wrong, or help was asked for.
    """
    names_one = bool(argv) and not argv[0].startswith("-")
    command, options = (argv[0], argv[1:]) if names_one else (COMMANDS[0], argv)
    if command not in COMMANDS:
        near = difflib.get_close_matches(command, COMMANDS, n=1) or COMMANDS
        raise StudioError("cli.unknown_command", command=command, near=", ".join(near))
    parser = _parser(command, listing=not names_one)
    parsed, unknown = parser.parse_known_args(options)
    if unknown and command not in PASS_ON:
        parser.error(text("cli.unknown_options", options=" ".join(unknown)))
    parsed.command, parsed.passed_on = command, unknown
    return parsed


def requirement_files(command: str) -> list[str]:
    """Names of the requirement files that a command needs."""
    return ["requirements.txt", *(["requirements-dev.txt"] if command in NEED_DEVELOPMENT else [])]


def _parser(command: str, *, listing: bool) -> argparse.ArgumentParser:
    rows = [f"  {name:<17}{text(f'cli.about.{name}')}" for name in COMMANDS]
    parser = argparse.ArgumentParser(
        prog="launch.py" if listing else f"launch.py {command}",
        description=text(f"cli.about.{command}"),
        epilog="\n".join([text("cli.commands"), *rows]) if listing else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _command(command).add_arguments(parser)
    parser.add_argument("--cpu", action="store_true", help=text("cli.help.cpu"))
    return parser


def _command(name: str) -> Command:
    return cast(Command, import_module(f"app.commands.{name.replace('-', '_')}"))
