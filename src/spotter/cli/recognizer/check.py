"""``spotter recognizer check``: what is wrong with a set of photos, before anything is trained with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.choices import LAYOUTS, one_of
from spotter.cli.output import print_json
from spotter.errors import DatasetError

if TYPE_CHECKING:
    from rich.console import Console

    from spotter.recognizer.check import Finding, PhotoCheck

_SHOWN = 3
_STYLES = {"stop": "bold red", "warning": "yellow", "hint": "cyan"}
_SIGNS = {"stop": "!!", "warning": "!", "hint": "i"}


def check_command(
    photos: Annotated[Path, typer.Argument(help="A folder with a folder for each class, or a CSV.")],
    group: Annotated[
        str | None,
        typer.Option(
            help="Who is on a photo: an expression for its name, as 'person(\\d+)', or the table's column.",
            show_default=False,
        ),
    ] = None,
    layout: Annotated[str, typer.Option(help="auto, folders, csv or odir.")] = "auto",
    out: Annotated[Path, typer.Option(help="The page that is written, with contact sheets.")] = Path(
        "photos-check.html"
    ),
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print what was found as JSON on standard output, and nothing else."),
    ] = False,
) -> None:
    """Look through photos: counts, sizes, damaged ones, copies, balance, who is where.

    Writes a page with all of it and a contact sheet of each class. The exit code is 12 only where training
    would be impossible.
    """
    from spotter.recognizer.check import check_photos
    from spotter.recognizer.layouts import assumed_groups, read_photos
    from spotter.report.recognizer.check import write_check_page
    from spotter.report.terminal import error_console, progress

    console = error_console(quiet=as_json)
    found = read_photos(photos, group=group, layout=one_of("--layout", layout, LAYOUTS))
    assumed = assumed_groups(found, photos) if group is None else None
    with progress(console, photos.name, len(found)) as meter:
        check = check_photos(found, assumed=assumed, progress=lambda done, of: meter.advance())
    write_check_page(out, check, photos)
    if as_json:
        print_json(document(check, out))
    else:
        _print(console, check, photos, out)
    if not check.trainable:
        reasons = [case.why for one in check.findings if one.severity == "stop" for case in one.cases]
        raise DatasetError(f"nothing can be trained with {photos}: {'; '.join(reasons)}")


def document(check: PhotoCheck, page: Path) -> dict[str, Any]:
    """What was found, as JSON has it."""
    sides = check.sides
    return {
        "schema": 1,
        "trainable": check.trainable,
        "photos": len(check.photos),
        "multilabel": check.photos.multilabel,
        "groups": check.groups,
        "shorter_side_px": {"least": int(sides.min()), "most": int(sides.min(1).max())}
        if len(sides)
        else None,
        "classes": [
            {
                "name": one.name,
                "photos": one.photos,
                "train": one.train,
                "validation": one.validation,
                "groups": one.groups,
            }
            for one in check.classes
        ],
        "findings": [
            {
                "kind": finding.kind,
                "severity": finding.severity,
                "title": finding.title,
                "advice": finding.advice,
                "cases": [
                    {"why": case.why, "files": [str(path) for path in case.paths]} for case in finding.cases
                ],
            }
            for finding in check.findings
        ],
        "page": str(page),
    }


def _print(console: Console, check: PhotoCheck, photos: Path, page: Path) -> None:
    from rich.markup import escape
    from rich.table import Table

    parts = any(one.train or one.validation for one in check.classes)
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.add_column("label" if check.photos.multilabel else "class")
    for heading in (
        "photos",
        *(("train", "validation") if parts else ()),
        *(("people",) if check.groups else ()),
    ):
        table.add_column(heading, justify="right")
    for one in check.classes:
        figures = [one.photos]
        figures += [one.train, one.validation] if parts else []
        figures += [one.groups] if check.groups else []
        table.add_row(escape(one.name), *map(str, figures))
    console.print(table)
    for finding in check.findings:
        _print_finding(console, finding, photos if photos.is_dir() else photos.parent)
    console.print(f"\n[bold]page[/]  {escape(str(page))}", soft_wrap=True)


def _print_finding(console: Console, finding: Finding, folder: Path) -> None:
    from rich.markup import escape

    from spotter.report.recognizer.check import shown_path

    style, count = _STYLES[finding.severity], len(finding.cases)
    times = f" ({count})" if count > 1 else ""
    console.print(f"\n[{style}]{_SIGNS[finding.severity]:2} {finding.title}{times}[/]")
    for case in finding.cases[:_SHOWN]:
        names = ", ".join(shown_path(path, folder) for path in case.paths[:_SHOWN])
        more = f" and {len(case.paths) - _SHOWN} more" if len(case.paths) > _SHOWN else ""
        said_already = any(str(path) in case.why for path in case.paths)
        said = case.why if said_already or not names else f"{names}{more}: {case.why}"
        console.print(f"   {escape(said)}", soft_wrap=True)
    if count > _SHOWN:
        console.print(f"   and {count - _SHOWN} more, see the page")
    if finding.advice:
        console.print(f"   [dim]{escape(finding.advice)}[/]", soft_wrap=True)
