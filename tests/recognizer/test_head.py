"""The linear head, and what its probabilities mean."""

from __future__ import annotations

import numpy as np
import pytest

from spotter.recognizer.calibrate import best_temperature, calibrate, logits_of, unknown_limit
from spotter.recognizer.head import (
    Head,
    HeadSettings,
    Step,
    Task,
    accuracy,
    mean_loss,
    probabilities_of,
    refit_head,
    train_head,
)


def clouds(count: int, seed: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Points of three classes round three corners, the third class rare, in a badly scaled space."""
    rng = np.random.default_rng(seed)
    corners = np.eye(3, 6) * 4
    which = rng.choice(3, count, p=[0.6, 0.35, 0.05])
    points = (corners[which] + rng.normal(0, spread, (count, 6))) * [1, 1000, 1, 1e-3, 1, 1] + 7
    return points.astype(np.float32), np.eye(3, dtype=np.float32)[which]


def trained(
    seed: int = 0, settings: HeadSettings | None = None, spread: float = 1.0
) -> tuple[Head, list[Step]]:
    steps: list[Step] = []
    head = train_head(
        *clouds(600, seed, spread), *clouds(300, 99, spread), settings or HeadSettings(), steps.append
    )
    return head, steps


def test_it_learns_whatever_the_scale_of_the_features() -> None:
    head, steps = trained()
    points, targets = clouds(500, 5)
    assert accuracy(head.logits(points), targets, "single") > 0.98
    assert steps[0].validation_loss == pytest.approx(np.log(3), rel=1e-5), "it starts knowing nothing"
    assert steps[-1].train_loss < steps[0].train_loss / 3


def test_the_same_data_give_the_same_head() -> None:
    first, second = trained()[0], trained()[0]
    np.testing.assert_array_equal(first.weight, second.weight)


def test_the_epoch_with_the_lowest_validation_loss_is_kept() -> None:
    head, steps = trained(spread=3.0)
    best = min(steps, key=lambda step: step.validation_loss)
    assert head.epochs == best.epoch < len(steps), "it went on, and came back"
    held, targets = clouds(300, 99, 3.0)
    assert mean_loss(head.logits(held), targets, "single") == pytest.approx(best.validation_loss, rel=1e-5)


def test_class_weights_save_the_rare_class() -> None:
    points, targets = clouds(4000, 5, 2.2)
    rare = targets[:, 2] > 0
    found = []
    for weights in (False, True):
        head = trained(settings=HeadSettings(class_weights=weights), spread=2.2)[0]
        found.append(accuracy(head.logits(points[rare]), targets[rare], "single"))
    assert found[1] > found[0] + 0.1


def test_label_smoothing_makes_it_less_sure() -> None:
    points = clouds(300, 5)[0]
    tops = [
        probabilities_of(trained(settings=HeadSettings(label_smoothing=share))[0].logits(points), "single")
        .max(1)
        .mean()
        for share in (0.0, 0.3)
    ]
    assert tops[1] < tops[0] - 0.1


def test_several_labels_are_learnt_each_for_itself() -> None:
    rng = np.random.default_rng(0)

    def some(count: int) -> tuple[np.ndarray, np.ndarray]:
        points = rng.normal(0, 1, (count, 4)).astype(np.float32)
        return points, (points[:, :3] > [0.0, 0.8, -0.8]).astype(np.float32)

    head = train_head(*some(1500), *some(500), HeadSettings("multi"))
    points, targets = some(1000)
    assert accuracy(head.logits(points), targets, "multi") > 0.95
    probabilities = probabilities_of(head.logits(points), "multi")
    limits = calibrate(head.logits(points), targets, "multi").thresholds
    named = probabilities >= limits
    assert ((named == (targets > 0)).mean(0) > 0.9).all()
    assert (targets.sum(1) == 0).any() and (targets.sum(1) == 3).any(), "none and all are among them"


def test_trained_again_it_stops_where_it_was_best() -> None:
    head, _ = trained()
    again = refit_head(*clouds(600, 0), HeadSettings(), head)
    assert again.epochs == head.epochs and again.decay == head.decay
    np.testing.assert_allclose(again.weight, head.weight, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("task", ["single", "multi"])
@pytest.mark.parametrize("too_sure", [0.5, 3.0])
def test_the_temperature_undoes_being_too_sure(task: Task, too_sure: float) -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (6000, 3)).astype(np.float32)
    chances = probabilities_of(logits, task)
    if task == "multi":
        truth = (rng.random(chances.shape) < chances).astype(np.float32)
    else:
        truth = np.eye(3, dtype=np.float32)[
            [rng.choice(3, p=row / row.sum()) for row in chances.astype(float)]
        ]
    assert best_temperature(logits * too_sure, truth, task) == pytest.approx(too_sure, rel=0.08)


def test_a_few_photos_that_are_all_right_do_not_make_it_sure_of_everything() -> None:
    rng = np.random.default_rng(4)
    truth = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 40)]
    logits = np.asarray(truth * rng.uniform(2, 6, (40, 1)), np.float32)
    found = calibrate(logits, truth, "single")
    cooled = probabilities_of(logits / np.float32(found.temperature), "single")
    assert 0.9 < cooled.max(1).mean() < 0.99
    assert found.unknown_below <= 0.8


def test_unknown_keeps_nearly_all_right_answers() -> None:
    rng = np.random.default_rng(2)
    top = rng.uniform(0.5, 1, 4000).astype(np.float32)
    probabilities = np.stack([top, 1 - top], 1)
    right = np.stack([np.ones(4000), np.zeros(4000)], 1).astype(np.float32)
    limit = unknown_limit(probabilities, right)
    assert 0.99 < (top >= limit).mean() < 1 and limit > 0.5
    assert unknown_limit(probabilities, right[:, ::-1]) == 0, "nothing right, nothing to keep"


@pytest.mark.parametrize("task", ["single", "multi"])
def test_logits_and_probabilities_are_there_and_back(task: Task) -> None:
    probabilities = probabilities_of(np.random.default_rng(3).normal(0, 4, (50, 4)).astype(np.float32), task)
    np.testing.assert_allclose(
        probabilities_of(logits_of(probabilities, task), task), probabilities, atol=1e-5
    )
    assert np.isfinite(logits_of(np.array([[0.0, 1.0]], np.float32), task)).all()
