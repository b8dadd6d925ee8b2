"""The command ``cds-service``. Commands import what they need when they run, so that --help stays quick."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cds_service.errors import ContentError, SettingsError, StoreError

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


@group.command("doctor")
@click.option("--fetch-keys", is_flag=True, help="Also fetch the key sets (jku) of the trust registry.")
@click.option("--json", AS_JSON, is_flag=True, help="As JSON.")
def _doctor(fetch_keys: bool, as_json: bool) -> None:
    """Look at settings, trust registry, store, FHIR servers and clock, and say how to mend what is wrong.

    Run it as the user, and with the environment, of the service. It changes nothing but to bring an SQLite
    store to shape. Exit status: 0 nothing fails, 1 something does, 2 usage.
    """
    from cds_service.cli.doctor import run

    sys.exit(run(as_json=as_json, ask=fetch_keys))


@group.group("store")
def _store() -> None:
    """The database of calls and feedback (DATABASE_URL)."""


@_store.command("migrate")
def _store_migrate() -> None:
    """Bring the database to the shape this version needs. An SQLite file is migrated by serve as well."""
    from cds_service.cli.store import run_migrate

    run_migrate()


@_store.command("purge")
def _store_purge() -> None:
    """Delete what is past its time (CDS_AUDIT_DAYS, CDS_COMMENT_DAYS). A running service does so hourly."""
    from cds_service.cli.store import run_purge

    run_purge()


@group.group("feedback")
def _feedback() -> None:
    """What became of the cards."""


@_feedback.command("report")
@click.option(
    "--by",
    multiple=True,
    default=("finding",),
    type=click.Choice(("finding", "guideline", "issuer", "week")),
    help="Count by this; may be given several times. Default: finding.",
)
@click.option("--since", metavar="DATE", help="First day, UTC.", callback=lambda _c, _o, value: _date(value))
@click.option("--until", metavar="DATE", help="Last day, UTC.", callback=lambda _c, _o, value: _date(value))
@click.option("--csv", "form", flag_value="csv", help="As CSV.")
@click.option("--json", "form", flag_value="json", help="As JSON.")
def _feedback_report(by: tuple[str, ...], since: str, until: str, form: str | None) -> None:
    """Show how often served cards were accepted, overridden or left unanswered, and why.

    Rates are shares of the served cards.
    """
    from cds_service.cli.feedback import run

    run(by=by, since=since, until=until, form=form or "table")


@group.command("demo-data")
@click.option("--weeks", type=click.IntRange(1, 260), default=16, show_default=True, help="How many weeks.")
@click.option("--calls", type=click.IntRange(1, 5000), default=200, show_default=True, help="Calls a week.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same data.")
@click.option(
    "--until",
    metavar="DATE",
    help="Last day. Default: today, UTC.",
    callback=lambda _context, _option, value: _date(value),
)
@click.option("--force", is_flag=True, help="Even if the store holds real data.")
@click.option("--remove", is_flag=True, help="Take all demo data away, and nothing else.")
def _demo_data(weeks: int, calls: int, seed: int, until: str, force: bool, remove: bool) -> None:
    """Fill the store (DATABASE_URL) with invented calls, cards and feedback, labelled as such.

    Earlier demo data goes first.
    """
    from cds_service.cli import demo

    if remove:
        demo.run_remove()
    else:
        demo.run(weeks=weeks, calls=calls, seed=seed, last=until, force=force)


@group.group("audit")
def _audit() -> None:
    """Why a card appeared."""


@_audit.command("show")
@click.argument("card", metavar="CARD_UUID")
@click.option("--json", AS_JSON, is_flag=True, help="As JSON.")
@click.option(
    "--comments", is_flag=True, help="Show comments too (CDS_COMMENT_KEYS); they may name a patient."
)
@click.option(
    "--request",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Say whether FILE is the request that was answered (needs the CDS_STORE_KEY of that day).",
)
def _audit_show(card: str, as_json: bool, comments: bool, request: Path | None) -> None:
    """Show when, for whom, by which guideline and why a card appeared, and what became of it.

    Exit status: 0 found, 1 nothing known (or FILE is another request), 2 usage.
    """
    from cds_service.cli.audit import run

    sys.exit(run(card, as_json=as_json, comments=comments, request=request))


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
    except (ContentError, SettingsError, StoreError) as error:
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
