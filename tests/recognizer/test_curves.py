"""Learning curves: the file, and what the terminal shows of them."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from spotter.errors import ModelError, OutputError
from spotter.recognizer.curves import FILE_NAME, best_step, read_curves, stages, write_curves
from spotter.recognizer.head import Step
from spotter.report.live_curves import LiveCurves, Look, Plot, curves_plot
from spotter.report.recognizer.live_curves import LOOK, live_curves

STEPS = (
    Step(1, math.inf, 1.0986, 0.3333),
    Step(2, 0.5, 0.6, 0.8),
    Step(3, 0.3, 0.45, 0.9),
    Step(4, 0.2, 0.5, 0.9),
)


@dataclass(frozen=True, slots=True)
class Other:
    """An epoch of another kind of training."""

    epoch: int
    precision: float


def test_epochs_of_another_kind_are_written_and_shown_as_well(tmp_path: Path) -> None:
    epochs = (Other(1, math.nan), Other(2, 0.25))
    write_curves(tmp_path, Other, epochs)
    assert (tmp_path / FILE_NAME).read_text() == "epoch,precision\n1,\n2,0.25\n"
    assert read_curves(tmp_path, Other)[1] == epochs[1]
    with pytest.raises(ModelError, match="train_loss"):
        read_curves(tmp_path, Step)
    plot: Plot[Other] = Plot("AP", {"validation": lambda one: one.precision})
    look = Look([plot], str, lambda some: some[-1], {"a": "first"})
    log = io.StringIO()
    with LiveCurves(Console(file=log, width=80), look) as watch:
        watch.epoch(epochs[1])
    assert log.getvalue() == "Other(epoch=2, precision=0.25)\n"
    legend, *lines = curves_plot(epochs[1:], plot, 20, 6)
    assert legend.plain == "AP  validation"
    assert sum(0x2800 < ord(letter) < 0x2900 for letter in lines[0].plain) == 20


def test_curves_come_back_as_they_were(tmp_path: Path) -> None:
    write_curves(tmp_path, Step, STEPS)
    assert (tmp_path / FILE_NAME).read_text().splitlines()[:2] == [
        "epoch,train_loss,validation_loss,validation_accuracy",
        "1,,1.0986,0.3333",
    ]
    first, *rest = read_curves(tmp_path, Step)
    assert math.isnan(first.train_loss)
    assert rest == list(STEPS[1:])


def test_no_epoch_at_all_is_a_file_too(tmp_path: Path) -> None:
    write_curves(tmp_path, Step, ())
    assert read_curves(tmp_path, Step) == ()


@pytest.mark.parametrize(
    "content",
    ["", "epoch,loss\n1,2\n", "epoch,train_loss,validation_loss,validation_accuracy\n1,2\n",
     "epoch,train_loss,validation_loss,validation_accuracy\none,2,3,4\n"],
    ids=["empty", "other columns", "a row too short", "a word"],
)  # fmt: skip
def test_another_file_is_an_error_with_its_name(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(ModelError, match=FILE_NAME):
        read_curves(tmp_path, Step)


def test_a_missing_file_and_a_folder_that_is_a_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=FILE_NAME):
        read_curves(tmp_path, Step)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=FILE_NAME):
        write_curves(tmp_path / "file", Step, STEPS)


def test_stages_begin_where_epochs_do() -> None:
    assert [len(stage) for stage in stages([*STEPS, *STEPS[:2]])] == [4, 2]
    assert stages([]) == []
    assert best_step(STEPS) == STEPS[2]
    assert best_step([Step(1, 1.0, math.nan, 0.5)]) is None


def test_the_plot_shows_both_losses_fall() -> None:
    legend, *lines = [line.plain for line in curves_plot(STEPS, LOOK.plots[0], 20, 6)]
    assert "training" in legend
    assert len(lines) == 6
    assert len({len(line) for line in lines}) == 1
    drawn = [[0x2800 < ord(letter) < 0x2900 for letter in line[9:]] for line in lines]
    assert drawn[0][0]  # the validation loss begins at the top left
    assert not drawn[0][-1]
    assert not any(drawn[-1][:10])
    assert sum(map(sum, drawn)) >= 20
    assert lines[0].startswith("    1.1")


def test_a_single_epoch_and_losses_that_are_not_known_can_be_plotted() -> None:
    assert len(curves_plot(STEPS[:1], LOOK.plots[0], 20, 6)) == 7
    unknown = [Step(1, math.nan, math.nan, math.nan)]
    plain = [line.plain for line in curves_plot(unknown, LOOK.plots[0], 20, 6)]
    assert not any(0x2800 < ord(letter) < 0x2900 for line in plain for letter in line)


def test_a_log_gets_a_line_an_epoch() -> None:
    log = io.StringIO()
    with live_curves(Console(file=log, width=80)) as watch:
        watch.stage("features", 10, 100)
        for step in STEPS[1:3]:
            watch.epoch(step)
        watch.say("The weights [are] there.")
    assert log.getvalue().splitlines() == [
        "epoch 2: loss 0.500, validation 0.600, 80.0 % right",
        "epoch 3: loss 0.300, validation 0.450, 90.0 % right",
        "The weights [are] there.",
    ]


def test_a_quiet_console_stays_quiet() -> None:
    log = io.StringIO()
    with live_curves(Console(file=log, quiet=True, force_terminal=True)) as watch:
        watch.epoch(STEPS[1])
        watch.say("Nothing.")
    assert log.getvalue() == ""


def test_a_terminal_gets_the_plot_and_the_time_left() -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=90, height=30, force_terminal=True, _environ={"TERM": "xterm"})
    with live_curves(console) as watch:
        for step in STEPS:
            watch.epoch(step)
        watch.stage("finetune", 1, 120)
        watch.stage("finetune", 30, 120)
        console.print(watch._view())
    shown = screen.getvalue()
    assert "validation" in shown
    assert "epoch 4: loss 0.200" in shown
    assert "best: epoch 3" in shown
    assert "training the network: 30 of 120" in shown
    assert "left" in shown


def test_two_plots_stand_beside_each_other_where_there_is_room() -> None:
    rows = [Other(1, 0.1), Other(2, 0.4)]
    plots: list[Plot[Other]] = [
        Plot(name, {"validation": lambda one: one.precision}) for name in ("up", "down")
    ]
    look = Look(plots, str, lambda some: some[-1], {})
    shown = {}
    for width in (100, 50):
        console = Console(
            file=io.StringIO(), width=width, height=40, force_terminal=True, _environ={"TERM": "xterm"}
        )
        with LiveCurves(console, look) as watch:
            for row in rows:
                watch.epoch(row)
        plain = Console(file=io.StringIO(), width=width)
        plain.print(watch._view())
        shown[width] = plain.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert any("up" in line and "down" in line for line in shown[100])
    assert len(shown[50]) == len(shown[100]) + 10 and max(map(len, shown[50])) <= 50


def test_the_time_left_of_a_training_that_goes_on_counts_what_was_done_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("spotter.report.live_curves.time.monotonic", lambda: now)
    watch = live_curves(Console(file=io.StringIO()))
    for time_s, stage, done, total in ((100, "head", 90, 120), (110, "judge", 1, 4), (120, "head", 100, 120)):
        now = time_s
        watch.stage(stage, done, total)
    assert watch._progress_words().endswith("100 of 120, 0:40 left")  # 2 s a step, the judging included


def test_the_last_plot_stays_when_training_fails() -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=90, force_terminal=True, _environ={"TERM": "xterm"})
    with pytest.raises(KeyboardInterrupt), live_curves(console) as watch:
        watch.epoch(STEPS[1])
        raise KeyboardInterrupt
    assert "epoch 2: loss 0.500" in screen.getvalue()
