"""Owns the command `fundsim`: its subcommands and options; what they do loads when they are called."""

import atexit
import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

import fundsim
from fundsim.cli.terminal import WRONG_INPUT, default_language, guarded, prepare_streams, remark
from fundsim.words import LANGUAGES

__all__ = ["fundsim_command", "main", "program"]

Command = Callable[..., Any]
_MAX_PATHS = 10_000_000
_MAX_SEED = 2**63 - 1


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        As typed after ``fundsim``; those of the process by default.

    Returns
    -------
    int
        The exit code: 0 done, 1 the run failed, 2 the input is wrong, 130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    prepare_streams()
    return guarded(lambda: fundsim_command.main(words, prog_name="fundsim", standalone_mode=False), words)


def program() -> NoReturn:
    """
    Run the command line as a process of its own.

    What imports leave behind is a million small objects: the collector looks for cycles among them more
    rarely than in a library's process, and at the end the system takes all memory back at once (together
    1.4 s of a run's 7.4).
    """
    gc.set_threshold(200_000, 50, 100)
    status = main()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(status)


def _done(what: str, **options: Any) -> Any:
    """What a function of one of these modules does, which loads now; `what` is ``module.function``."""
    module, _, name = what.partition(".")
    return getattr(import_module(f"fundsim.cli.{module}"), name)(**options)


def _options(command: Command) -> Command:
    """The options of every command."""
    language = click.Choice(LANGUAGES)
    command = click.option("--debug", is_flag=True, help="Show where in the code an error arose.")(command)
    text = "Language of the output; by default that of the environment."
    return click.option("--lang", type=language, default=default_language, help=text)(command)


def _settings(command: Command) -> Command:
    text = "Change a value of the scenario, such as vehicles.mother.terms.fee_rate=0.4%; may be repeated."
    return click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help=text)(command)


class _Precision(click.ParamType):
    """VEHICLE/MEASURE=STANDARD_ERROR as a pair; whether the names exist is for the scenario to say."""

    name = "precision"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, float]:
        target, _, written = str(value).rpartition("=")
        try:
            number = float(written.removesuffix("%")) / (100 if written.endswith("%") else 1)
        except ValueError:
            number = 0.0
        if not target.strip() or not 0.0 < number < float("inf"):
            wanted = "VEHICLE/MEASURE=STANDARD_ERROR, such as mother/net_irr=0.001"
            self.fail(f"'{value}' is not {wanted}", param, ctx)
        return target.strip(), number


class _Variant(click.ParamType):
    """NAME: PATH=VALUE as a pair; whether the path exists is for the scenario to say."""

    name = "variant"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str]:
        named = str(value).partition("=")[0].replace("：", ":")
        name, colon, _ = named.partition(":")
        assignment = str(value)[len(name) + 1 :].strip()
        if not colon or not name.strip() or "=" not in assignment:
            wanted = "NAME: PATH=VALUE, such as 'lower fee: vehicles.mother.terms.fee_rate=0.4%'"
            self.fail(f"'{value}' is not {wanted}", param, ctx)
        return name.strip(), assignment


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(fundsim.__version__, prog_name="fundsim", message="%(prog)s %(version)s")
@click.pass_context
def fundsim_command(context: click.Context) -> int:
    """Simulate the fund cluster of an industrial park: from guidance fund to enterprises and back."""
    if context.invoked_subcommand is not None:
        return 0
    remark(context.get_help())
    return WRONG_INPUT


@fundsim_command.command()
@click.argument("file")
@click.option("--paths", type=click.IntRange(1, _MAX_PATHS), help="Number of paths.")
@click.option("--seed", type=click.IntRange(0, _MAX_SEED), help="Seed of all random numbers.")
@click.option(
    "--precision",
    type=_Precision(),
    multiple=True,
    metavar="NAME=ERROR",
    help="Stop when a mean has this standard error, such as mother/net_irr=0.001; --paths is then the most. "
    "Of an investor: mother/INVESTOR/net_irr. May be repeated.",
)
@click.option(
    "--antithetic/--no-antithetic",
    default=None,
    help=(
        "Paths in pairs that mirror market, closings and property: smaller standard errors, most "
        "with property."
    ),
)
@click.option(
    "--control-variates/--no-control-variates",
    default=None,
    help=(
        "Correct means by what market and property did: smaller standard errors of means from the same paths."
    ),
)
@_settings
@click.option("--threads", type=click.IntRange(1, 1024), help="Number of threads; all cores by default.")
@click.option(
    "--workers", type=click.IntRange(1, 1024), help="Processes on this machine in place of threads."
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Simulate on the Dask cluster whose scheduler is there, such as tcp://host:8786.",
)
@click.option("--force", is_flag=True, help="Run although memory or disk seem too small.")
@click.option("--out", metavar="DIR", help="Folder to write; runs/NAME-SEED by default.")
@click.option("--overwrite", is_flag=True, help="Replace the run that DIR holds.")
@click.option("--resume", is_flag=True, help="Go on with the run that was begun in DIR.")
@_options
def run(debug: bool, **options: Any) -> int:
    """Simulate the scenario in FILE and write tables, figures and a report."""
    return _done("running.run", **options)


@fundsim_command.command()
@click.argument("file")
@_settings
@_options
def check(debug: bool, **options: Any) -> None:
    """Tell everything that is wrong with the scenario in FILE, or what it would simulate."""
    _done("scenarios.check", **options)


@fundsim_command.command()
@click.argument("name")
@click.option("--from", "template", default="template", show_default=True, help="What to start from.")
@_options
def new(debug: bool, **options: Any) -> None:
    """Write a commented scenario to the file NAME (.yaml is added), to be changed and run."""
    _done("scenarios.new", **options)


@fundsim_command.command()
@click.argument("file")
@_settings
@_options
def describe(debug: bool, **options: Any) -> None:
    """Tell in words what the scenario in FILE says, with every default and its evidence."""
    _done("scenarios.describe", **options)


@fundsim_command.command()
@click.option("--out", metavar="FILE", help="Write to a file instead of the terminal.")
@_options
def schema(debug: bool, **options: Any) -> None:
    """Print the JSON Schema of scenario files, for completion and checks in an editor."""
    _done("scenarios.schema", **options)


@fundsim_command.command()
@click.argument("file")
@click.option(
    "--path", type=click.IntRange(0, _MAX_PATHS - 1), default=0, show_default=True, help="Which path."
)
@click.option("--seed", type=click.IntRange(0, _MAX_SEED), help="Seed of all random numbers.")
@_settings
@_options
def trace(debug: bool, **options: Any) -> None:
    """Tell what happens on one path of the scenario in FILE, event by event."""
    _done("running.trace", **options)


@fundsim_command.command()
@click.argument("scenario")
@click.argument("targets")
@click.option("--out", metavar="FILE", help="Scenario to write; NAME-calibrated.yaml by default.")
@click.option(
    "--paths", type=click.IntRange(1, _MAX_PATHS // 4), help="Paths of each run of the fit; 1,000 by default."
)
@click.option(
    "--seed", type=click.IntRange(0, _MAX_SEED - 1), help="Seed of the fit; that of the scenario by default."
)
@_options
def calibrate(debug: bool, scenario: str, targets: str, **options: Any) -> None:
    """Fit parameters of SCENARIO to the statistics in TARGETS, and
    write what was found as a scenario over it.
    """
    _done("calibrating.calibrate", file=scenario, targets_file=targets, **options)


@fundsim_command.command()
@click.argument("sides", nargs=-1, required=True, metavar="FILE_OR_RUN...")
@click.option("--paths", type=click.IntRange(1, _MAX_PATHS), help="Number of paths; of runs the first ones.")
@click.option("--seed", type=click.IntRange(0, _MAX_SEED), help="Seed of all random numbers.")
@click.option(
    "--set",
    "settings",
    metavar="PATH=VALUE",
    multiple=True,
    help="Change a value of all files; of one file alone, make the other side. May be repeated.",
)
@click.option(
    "--variant",
    "variants",
    type=_Variant(),
    metavar="NAME:PATH=VALUE",
    multiple=True,
    help="Compare the first file with itself changed, such as 'dearer: vehicles.mother.terms.fee_rate=1%'. "
    "May be repeated; of one name, all are one variant.",
)
@click.option(
    "--vehicle", "vehicles", multiple=True, metavar="NAME", help="Compare this one; may be repeated."
)
@click.option(
    "--investor",
    "investors",
    multiple=True,
    metavar="NAME",
    help="Compare this one, 'all' being the vehicle itself; may be repeated.",
)
@click.option("--threads", type=click.IntRange(1, 1024), help="Number of threads; all cores by default.")
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    help="Processes on this machine in place of threads; every side is then simulated from the start.",
)
@click.option("--force", is_flag=True, help="Run although memory seems too small.")
@click.option("--out", metavar="DIR", help="Folder to write to: tables, figures, report.")
@click.option("--overwrite", is_flag=True, help="Replace the comparison that DIR holds.")
@_options
def compare(debug: bool, **options: Any) -> int:
    """Compare scenarios, variants of one, or runs, path by path with the first one.

    All are simulated with the same random numbers, so that a difference is that of the terms alone, with the
    standard error of what differs path by path.
    """
    return _done("comparing.compare", **options)


@fundsim_command.command()
@_options
def info(debug: bool, lang: str) -> None:
    """Show versions, cores, folders and fonts, to be sent along with a question."""
    _done("machine.info", lang=lang)


@fundsim_command.command()
@click.option("--into", metavar="DIR", help="Copy them to a folder for machines alike (FUNDSIM_KERNELS=DIR).")
@_options
def warmup(debug: bool, **options: Any) -> None:
    """Compile all kernels ahead, so that the first run starts at once."""
    _done("machine.warmup", **options)
