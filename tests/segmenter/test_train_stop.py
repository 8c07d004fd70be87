"""Trainings that are stopped or killed, and go on to the very same end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

pytest.importorskip("torch")
import torch

from spotter.errors import ModelError, TrainingStoppedError
from spotter.segmenter import train
from spotter.segmenter.checkpoint import FILE_NAME, Progress
from spotter.segmenter.stopping import stop_requests
from tests.segmenter.apart import SETTINGS, STEPS, train_apart, trained
from tests.segmenter.forked import forked

pytestmark = pytest.mark.usefixtures("one_thread")

Whole = tuple[Progress, dict[int, float]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a training that nobody stopped."""
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def whole(folder: Path) -> Whole:
    """A training that nobody stopped."""
    return trained(folder)


@dataclass(frozen=True)
class Begun:
    """The same training in a process of its own."""

    process: BaseProcess
    told: Connection
    said: Path

    def steps(self, last: int = STEPS) -> dict[int, float]:
        """Wait until a step is done, or it has ended; the losses since the last call."""
        losses: dict[int, float] = {}
        while last not in losses:
            try:
                step, losses[step] = self.told.recv()
            except EOFError:
                self.process.join()
                break
        return losses

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def begin(folder: Path, *words: str, until: int) -> tuple[Begun, dict[int, float]]:
    """Begin the same training in a process of its own, and wait until a step is done; the losses so far."""
    told, tells = multiprocessing.Pipe(duplex=False)
    folder.mkdir(exist_ok=True)
    said = folder / "said.txt"
    process = forked(said, train_apart, folder, tells, words)
    tells.close()
    begun = Begun(process, told, said)
    losses = begun.steps(until)
    assert list(losses) == list(range(1, until + 1)), said.read_text()
    return begun, losses


def figures(done: Progress) -> str:
    """Everything of the curve but the time; as text, in which NaN equals itself."""
    return str([replace(row, seconds=0) for row in done.curve])


def require_same_end(gone_on: Progress, whole: Progress) -> None:
    assert figures(gone_on) == figures(whole)
    assert gone_on.best.keys() == whole.best.keys()
    for name, value in gone_on.best.items():
        assert torch.equal(value, whole.best[name]), name


@pytest.mark.parametrize("words", [(), ("helped",)], ids=["alone", "with a process that makes pictures"])
def test_a_stop_in_the_middle_of_an_epoch_changes_nothing(
    whole: Whole, tmp_path: Path, words: tuple[str, ...]
) -> None:
    begun, before = begin(tmp_path, *words, until=4)
    os.killpg(begun.process.pid or 0, signal.SIGTERM)  # as a launcher does: to all of its processes
    done = 4 + len(begun.steps())  # a step may have ended before the signal came
    begun.process.join()
    said = begun.said.read_text("utf-8")
    assert begun.process.exitcode == 130, said
    assert "stopped in epoch 2" in said and "--resume" in said and FILE_NAME in said
    gone_on, after = trained(tmp_path, resume=True)
    assert list(after) == list(range(done + 1, STEPS + 1))
    assert before | after == {step: loss for step, loss in whole[1].items() if step in before | after}
    require_same_end(gone_on, whole[0])


def test_a_kill_in_the_middle_of_writing_changes_nothing(whole: Whole, tmp_path: Path) -> None:
    begun, _ = begin(tmp_path, "every-step", until=4)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("*.part")) and begun.process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.001)
    begun.kill()
    gone_on, after = trained(tmp_path, resume=True)
    assert 1 <= len(after) <= 3
    assert after == {step: whole[1][step] for step in after}
    require_same_end(gone_on, whole[0])
    assert not list(tmp_path.glob("*.part"))  # nothing half-written is kept


def test_a_kill_before_the_first_checkpoint_of_an_epoch_begins_it_anew(whole: Whole, tmp_path: Path) -> None:
    begun, _ = begin(tmp_path, until=1)
    begun.kill()
    gone_on, after = trained(tmp_path, resume=True)
    assert after == whole[1]
    require_same_end(gone_on, whole[0])


def test_a_stop_while_epochs_are_judged_is_heard(whole: Whole, tmp_path: Path) -> None:
    def judge(_network: object) -> tuple[float, float, float]:
        signal.raise_signal(signal.SIGINT)
        return 0.1, 0.1, 0.1

    with pytest.raises(TrainingStoppedError, match="stopped in epoch 2"):
        trained(tmp_path, judge=judge)
    _, after = trained(tmp_path, resume=True)
    assert after == {step: whole[1][step] for step in (4, 5, 6)}


def test_a_training_can_be_made_longer_and_its_curve_is_told_again(tmp_path: Path) -> None:
    one = replace(SETTINGS, epochs=1)
    first, _ = trained(tmp_path, settings=one)
    again, after = trained(tmp_path, resume=True, settings=one)
    assert after == {} and str(again.curve) == str(first.curve)
    longer, after = trained(tmp_path, resume=True)
    assert list(after) == [4, 5, 6] and str(longer.curve[0]) == str(first.curve[0])


def test_half_added_gradients_are_never_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(SETTINGS, batch=1, accumulate=2)
    whole, losses = trained(tmp_path / "whole", settings=settings)
    assert len(losses) == 12
    monkeypatch.setattr(train, "_SAVE_EVERY_S", 0.0)

    def stop(step: train.Step) -> None:
        if step.done == 7:  # the second half of this change is still to come
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(TrainingStoppedError):
        trained(tmp_path / "stopped", settings=settings, told=stop)
    gone_on, after = trained(tmp_path / "stopped", resume=True, settings=settings)
    assert after == {step: losses[step] for step in range(9, 13)}
    require_same_end(gone_on, whole)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"network": "resnet50-fpn-v2"}, "network was parts, now resnet50-fpn-v2"),
        ({"rate": 1e-4}, "rate was 0.002, now 0.0001"),
        ({"seed": 4, "batch": 3}, "batch was 2, now 3, seed was 3, now 4"),
    ],
)
def test_another_training_is_not_gone_on_with(
    whole: Whole, folder: Path, change: dict[str, object], said: str
) -> None:
    before = (folder / FILE_NAME).read_bytes()
    with pytest.raises(ModelError, match=said):
        trained(folder, resume=True, settings=replace(SETTINGS, **change))  # type: ignore[arg-type]
    assert (folder / FILE_NAME).read_bytes() == before


def test_the_second_request_ends_at_once_and_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), stop_requests() as asked:
        signal.raise_signal(signal.SIGINT)
        assert asked == [signal.SIGINT]
        signal.raise_signal(signal.SIGTERM)
    with stop_requests(alone=False) as asked:
        for number in (signal.SIGTERM, signal.SIGTERM):
            signal.raise_signal(number)
        assert len(asked) == 2
    assert signal.getsignal(signal.SIGINT) is before
