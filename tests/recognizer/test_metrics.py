"""Metrics against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spotter.recognizer import metrics


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_is_as_published(right: int, count: int, low: float, high: float) -> None:
    assert metrics.wilson_interval(right, count) == pytest.approx((low, high), abs=5e-5)


def test_wilson_interval_at_the_ends() -> None:
    low, high = metrics.wilson_interval(20, 20)
    assert (low, high) == (pytest.approx(1 - 0.1611, abs=5e-5), 1.0)
    assert all(math.isnan(end) for end in metrics.wilson_interval(0, 0))
    assert metrics.wilson_interval(5, 10, level=0.99)[0] < metrics.wilson_interval(5, 10)[0]


@pytest.mark.parametrize(
    ("truth", "scores", "wanted"),
    [
        # thresholds 0.8: P 1, R 1/2; 0.4: R stays; 0.35: P 2/3, R 1: 1/2 * 1 + 1/2 * 2/3
        ([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 1 / 2 + 1 / 3),
        ([1, 1, 0, 0], [0.9, 0.8, 0.7, 0.6], 1.0),
        # last of four: P 1/4, R 1
        ([1, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], 0.25),
        # all scores equal: one threshold with the precision of all
        ([1, 0, 1, 0, 0], [0.5] * 5, 0.4),
        # a tie of a hit and a miss after one hit: 1/2 * 1 + 1/2 * 2/3, in whichever order they come
        ([1, 0, 1], [0.9, 0.5, 0.5], 1 / 2 + 1 / 3),
        ([1, 1, 0], [0.9, 0.5, 0.5], 1 / 2 + 1 / 3),
        ([1], [0.0], 1.0),
    ],
)
def test_average_precision_by_hand(truth: list[int], scores: list[float], wanted: float) -> None:
    found = metrics.average_precision(np.array(truth, bool), np.array(scores))
    assert found == pytest.approx(wanted)


def test_average_precision_of_a_class_that_is_not_there_is_unknown() -> None:
    assert math.isnan(metrics.average_precision(np.zeros(3, bool), np.arange(3.0)))


def test_precision_recall_and_f1_by_hand() -> None:
    truth = np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], bool)
    named = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 0, 0]], bool)
    first, second, third = metrics.class_scores(truth, named, named.astype(np.float32))
    assert (first.precision, first.recall, first.f1, first.n) == pytest.approx((2 / 3, 2 / 3, 2 / 3, 3))
    assert (second.precision, second.recall, second.f1, second.n) == pytest.approx((1 / 2, 1 / 2, 1 / 2, 2))
    assert third.n == 0
    assert all(
        math.isnan(value) for value in (third.precision, third.recall, third.f1, third.average_precision)
    )
    assert metrics.macro([first.f1, second.f1, third.f1]) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_a_class_that_is_named_and_never_there_has_no_recall_and_a_precision_of_0() -> None:
    (scores,) = metrics.class_scores(np.zeros((2, 1), bool), np.ones((2, 1), bool), np.ones((2, 1)))
    assert (scores.precision, scores.f1) == (0.0, 0.0)
    assert math.isnan(scores.recall)


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.95, 0.91, 0.65, 0.61, 0.05])
    found = metrics.reliability(confidence, np.array([True, True, True, False, False]))
    assert found.counts.tolist() == [1, 0, 0, 0, 0, 0, 2, 0, 0, 2]
    assert found.confidence[[0, 6, 9]] == pytest.approx([0.05, 0.63, 0.93])
    assert found.accuracy[[0, 6, 9]] == pytest.approx([0.0, 0.5, 1.0])
    assert np.isnan(found.accuracy[1])
    assert found.error == pytest.approx((0.05 + 2 * 0.13 + 2 * 0.07) / 5)


def test_the_ends_of_confidence_are_in_the_outer_bins() -> None:
    assert metrics.reliability(np.array([0.0, 1.0]), np.array([True, True])).counts.tolist() == [
        1,
        *[0] * 8,
        1,
    ]
    assert math.isnan(metrics.reliability(np.zeros(0), np.zeros(0, bool)).error)


def test_confusion_counts_every_photo_once() -> None:
    rng = np.random.default_rng(0)
    truth, answers = rng.integers(0, 3, 500), rng.integers(0, 4, 500)
    matrix = metrics.confusion_matrix(truth, answers, 3, 4)
    assert matrix.shape == (3, 4)
    assert matrix.sum() == 500
    assert matrix[1, 3] == int(((truth == 1) & (answers == 3)).sum())
