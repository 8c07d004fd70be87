"""What the terminal shows of a watch: the bars of the moment, and at the end what was recognised when."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from spotter.recognizer.live import LiveAnswer
from spotter.recognizer.predict import Prediction
from spotter.recognizer.timeline import seconds_of
from spotter.report.recognizer.colours import class_colour, css_colour
from spotter.report.recognizer.timeline import Watched, length, recognised_share
from spotter.report.words import clock, counted

_BAR, _STRIP = 30, 48
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SHADES = " ░▒▓█"


def live_view(answer: LiveAnswer | None, dropped: int, stop_hint: str = "Ctrl-C to stop") -> Group:
    """The answer of the moment with a bar a class, to be shown again and again in the same place.

    Args:
        answer: the newest; None before the first.
        dropped: how many frames were left out so far.
        stop_hint: how the watching ends.
    """
    if answer is None:
        return Group(Text("waiting for the first picture", style="dim"))
    head = Text.assemble(
        (answer.prediction.label, "bold"), "  ", (f"{100 * answer.prediction.confidence:.0f} %", "")
    )
    left_out = f", {dropped} left out" if dropped else ""
    foot = f"{clock(answer.time_s)}, {1000 * answer.took_s:.1f} ms{left_out}, {stop_hint}"
    return Group(head, prediction_bars(answer.prediction), Text(foot, style="dim"))


def prediction_bars(prediction: Prediction) -> Table:
    """A row a class: its name, a bar and its probability."""
    table = Table.grid(padding=(0, 1))
    for place, (name, value) in enumerate(zip(prediction.classes, prediction.probabilities, strict=True)):
        named = name in prediction.labels
        colour = css_colour(class_colour(place).dark)
        table.add_row(
            Text(name, style="bold" if named else "dim"),
            Text(block_bar(value, _BAR), style=f"{colour} on grey23"),
            Text(f"{100 * value:3.0f} %", style="bold" if named else "dim"),
        )
    return table


def block_bar(share: float, width: int) -> str:
    """A bar of block letters, to an eighth of a letter.

    >>> block_bar(0.5, 4), block_bar(0.53, 4), len(block_bar(0.1, 10))
    ('██  ', '██▏ ', 10)
    """
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    bar = "█" * (eighths // 8)
    if eighths % 8:
        bar += _EIGHTHS[eighths % 8]
    return bar.ljust(width)


def print_watched(watched: Watched, files: list[Path], console: Console) -> None:
    """Print what was recognised when: a lane a class, the share of the time, and where the files are."""
    start_s, end_s = watched.span_s
    predictions = counted(len(watched.timeline), "prediction", "predictions")
    console.print(
        Text.assemble(
            (watched.name, "bold"),
            f"  {predictions} in {length(end_s - start_s) if len(watched.timeline) else '0 s'}, ",
            f"{100 * recognised_share(watched):.0f} % of the time something was recognised",
        ),
        soft_wrap=True,
    )
    console.print(Padding(_lanes(watched), (0, 0, 0, 2), expand=False))
    if watched.dropped:
        line = f"  {counted(watched.dropped, 'picture', 'pictures')} left out, because a newer one came first"
        console.print(Text(line, style="dim"))
    if watched.warning:
        console.print(Text(f"  {watched.warning}", style="yellow"), soft_wrap=True)
    for path in files:
        console.print(Text.assemble("  ", (f"{path.name:<15}", "dim"), str(path)), soft_wrap=True)


def _lanes(watched: Watched) -> Table:
    table = Table.grid(padding=(0, 1))
    for place, name in enumerate(watched.timeline.classes):
        seconds = seconds_of(watched.intervals, name)
        table.add_row(
            Text(name, style="bold" if seconds else "dim"),
            Text(_strip(watched, name), style=f"{css_colour(class_colour(place).dark)} on grey23"),
            Text(length(seconds) if seconds else "not seen", style="" if seconds else "dim"),
        )
    return table


def _strip(watched: Watched, name: str) -> str:
    """A letter for each part of the time, the fuller the longer the class was recognised in it."""
    start_s, end_s = watched.span_s
    part_s = (end_s - start_s) / _STRIP
    letters = []
    for number in range(_STRIP):
        begin, end = start_s + number * part_s, start_s + (number + 1) * part_s
        covered = sum(
            max(0.0, min(one.end_s, end) - max(one.start_s, begin))
            for one in watched.intervals
            if one.label == name
        )
        letters.append(_SHADES[round(min(1.0, covered / part_s) * (len(_SHADES) - 1))])
    return "".join(letters)
