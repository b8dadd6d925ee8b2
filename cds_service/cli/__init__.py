"""The command ``cds-service``. Commands import what they need when they run, so that --help stays quick."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cds_service.errors import ContentError, SettingsError

FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=str)
AS_OF = click.option(
    "--as-of",
    metavar="DATE",
    help="Date of evaluation, YYYY-MM-DD. Default: newest authoredOn of the draft orders, else today.",
    callback=lambda _context, _option, value: _date(value),
)
DIALECT = click.option(
    "--dialect",
    default="",
    metavar="NAME",
    help="Answer as for clients of this kind: spec, crd, epic or text. Default: what the request shows.",
)
AS_JSON = "as_json"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="emg-ncs-cds", message="%(version)s")
def group() -> None:
    """CDS Hooks service for EMG and nerve conduction orders."""


@group.command("serve")
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one (PORT).")
@click.option("--workers", type=click.IntRange(1, 512), help="Worker processes (WEB_CONCURRENCY).")
def _serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve hooks over HTTP until SIGTERM or Ctrl-C.

    Everything else is set by environment variables, which README.md lists.
    """
    from cds_service.cli.serve import run

    run(host=host, port=port, workers=workers)


@group.command("check")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--json", AS_JSON, is_flag=True, help="The exact HTTP response body, one line for each file.")
@AS_OF
@DIALECT
def _check(files: tuple[str, ...], as_json: bool, as_of: str, dialect: str) -> None:
    """Answer hook request files (- is standard input) with the cards a clinician would read.

    Exit status: 0 answered, 1 a request was refused, 2 usage.
    """
    from cds_service.cli.check import run

    sys.exit(run(files, as_json=as_json, as_of=as_of, dialect=dialect))


@group.command("apply")
@click.argument("file", type=FILE)
@click.option(
    "--card", required=True, type=int, metavar="N", help="The card, counted from 1 as shown by check."
)
@click.option(
    "--suggestion",
    required=True,
    metavar="M[,M]",
    callback=lambda _context, _option, value: _numbers(value),
    help="Its suggestion, counted from 1; several where any of them may be taken.",
)
@AS_OF
@DIALECT
def _apply(file: str, card: int, suggestion: tuple[int, ...], as_of: str, dialect: str) -> None:
    """Print the hook request as the EHR would send it after a click on a suggestion.

    FILE is the request that was answered (- is standard input).
    Exit status: 0 printed, 1 the request was refused or has no such suggestion, 2 usage.
    """
    from cds_service.cli.apply import run

    sys.exit(run(file, card=card, suggestions=suggestion, as_of=as_of, dialect=dialect))


@group.command("explain")
@click.argument("file", type=FILE)
@click.option("--json", AS_JSON, is_flag=True, help="As JSON.")
@AS_OF
def _explain(file: str, as_json: bool, as_of: str) -> None:
    """Show the reasoning about a hook request file (- is standard input).

    Exit status: 0 answered, 1 the request was refused, 2 usage.
    """
    from cds_service.cli.explain import run

    sys.exit(run(file, as_json=as_json, as_of=as_of))


@group.command("lint")
@click.argument("directory", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def _lint(directory: Path | None) -> None:
    """Name every mistake in guideline data, cards and scenarios.

    DIRECTORY is a checkout, or a copy laid out like one; default: the content this program came with.
    Exit status: 0 no mistake, 1 mistakes, 2 usage.
    """
    from cds_service.cli.lint import run

    sys.exit(run(directory))


@group.command("golden")
@click.option("--write", is_flag=True, help="Rewrite response.json and trace.txt of every scenario.")
def _golden(write: bool) -> None:
    """Compare every scenario with its expected answer, or rewrite the expected answers.

    Exit status: 0 all as expected (or rewritten), 1 something differs, 2 usage.
    """
    from cds_service.cli.golden import run

    sys.exit(run(write=write))


@group.command("coverage")
@click.option("--write", is_flag=True, help="Write the page to fhir_fixtures/COVERAGE.md.")
def _coverage(write: bool) -> None:
    """Show which scenario shows which criterion, pattern and row, as a Markdown page."""
    from cds_service.cli.coverage import run

    run(write=write)


@group.command("dialects")
@click.option("--write", is_flag=True, help="Write the page to fhir_fixtures/DIALECTS.md.")
def _dialects(write: bool) -> None:
    """Show the answers to some scenarios in every dialect, as a Markdown page."""
    from cds_service.cli.dialects import run

    run(write=write)


def main() -> None:
    """Entry point: our own errors are one line each on standard error, without a traceback."""
    try:
        group(prog_name="cds-service")
    except (ContentError, SettingsError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _date(text: str | None) -> str:
    """A real date in ISO form, or ``""``."""
    if text is None:
        return ""
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise click.BadParameter("is not a date; give one like 2026-11-20") from None


def _numbers(text: str) -> tuple[int, ...]:
    """``1`` or ``1,2``."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter("is no list of numbers; give one like 1 or 1,2") from None
