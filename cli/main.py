"""The ``azibflow`` command: finds a subcommand's file when it is asked for, and turns errors into one clear line."""

from __future__ import annotations

import importlib
import io
import sys
from typing import Any

import click

from .. import __version__
from ..errors import AzibflowError, RunStoppedError, printable

COMMANDS = {
    "init": "write a campaign file to begin with",
    "run": "compute a campaign",
    "submit": "compute a campaign with SLURM jobs",
    "status": "tell how far a run is",
    "resume": "go on with a run that was stopped",
    "retry": "let failed jobs run again",
    "cancel": "stop a run",
    "clean": "remove the scratch files of a run",
    "validate": "check a campaign file and print it with every default",
    "table": "print tables of the results in run folders",
    "plot": "draw the results in a run folder",
    "report": "write all results of runs as one page to open in a browser",
    "list": "list what may be named in a campaign file",
    "screen": "rank many structures by one question",
    "build": "write a structure to a file",
    "capacity": "work out a theoretical capacity on every mass basis",
    "check": "check the arithmetic of published claims",
    "surrogate": "train, validate and compare surrogates",
    "benchmark": "measure potentials on published values",
    "converge": "find the cutoffs and k-points that a structure needs",
    "calculators": "list what can compute here, and its limits",
    "doctor": "check this installation",
}
"""Name of each command, also of its file in this folder, and what it is for."""


READING = ("status", "table", "plot", "report", "list", "retry", "cancel", "clean")
"""Commands that compute nothing: they import nothing but this package, its libraries and installed plug-ins."""


class _LazyCommands(click.Group):
    """Imports a command's file only when that command runs, so that ``azibflow --help`` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{cmd_name}", __package__)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="azibflow")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def azibflow(ctx: click.Context, debug: bool) -> None:
    """Workflows for the interfaces of zinc-ion batteries.

    Write a campaign file, compute it, print its tables:

    \b
      azibflow validate campaign.yaml
      azibflow run campaign.yaml
      azibflow table migration runs/NAME --literature
    """
    ctx.obj = debug


def main(arguments: list[str] | None = None) -> None:
    """Run the command line.

    Args:
        arguments: words after ``azibflow``; those of the process when none.

    Exits:
        0 when all went well; 1 when a result is missing or not converged, or a run was stopped; 2 for wrong usage or
        bad input; 130 after Ctrl-C.
    """
    words: list[str] = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that the terminal cannot show is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    try:
        result: Any = azibflow.main(args=words, prog_name="azibflow", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("azibflow: interrupted", err=True)
        sys.exit(130)
    except AzibflowError as error:
        if "--debug" in words:
            raise
        click.echo(f"azibflow: {printable(str(error))}", err=True)
        sys.exit(1 if isinstance(error, RunStoppedError) else 2)
    except OSError as error:
        if "--debug" in words or error.strerror is None:
            raise
        where = f": {error.filename}" if error.filename else ""
        click.echo(printable(f"azibflow: {error.strerror}{where}"), err=True)
        sys.exit(1)
    finally:
        _name_broken_plugins()
    sys.exit(result if isinstance(result, int) else 0)


def _name_broken_plugins() -> None:
    """Say once what other packages wanted to add and could not; most commands have read only some of them."""
    registry = sys.modules.get("azibflow.plugins")
    for plugin in [] if registry is None else registry.broken_plugins():
        click.echo(f"azibflow: {plugin}", err=True)
