"""Precision, recall, F1, mix-ups and intervals of cases that are counted by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from spotter.segmenter.annotation import Instance
from spotter.segmenter.average_precision import averages, curve, resampled_precision
from spotter.segmenter.average_precision_matches import Matches, Ranking, matches, rankings
from spotter.segmenter.average_precision_overlaps import box_overlaps, mask_overlaps, surest
from spotter.segmenter.detections import Detections
from spotter.segmenter.metrics import at_score, best_score, counts_at, estimate, resampled, shares
from spotter.segmenter.metrics_confusion import confusion
from tests.segmenter.judged_material import Box, found, instance, nothing

SIZE = (100, 100)
HERE: Box = (10, 10, 50, 50)
THERE: Box = (60, 60, 90, 90)
BESIDE: Box = (10, 10, 50, 40)  # covers three quarters of HERE, and nothing else


def held(rows: Detections, *marked: Instance) -> Matches:
    return matches(box_overlaps(surest(rows), marked))


def ranked(*pictures: Matches) -> list[Ranking]:
    return rankings(pictures, 1)


def ap50(ranking: Ranking) -> float:
    return averages(ranking)["AP50"]


def test_one_right_and_one_that_covers_nothing() -> None:
    one = held(found([(1, 0.9, HERE), (1, 0.8, THERE)]), instance(1, HERE))
    (ranking,) = ranked(one)
    assert ap50(ranking) == pytest.approx(1)  # all was found before anything wrong
    assert curve(ranking).recall.tolist() == [1.0] * 10
    (counts,) = counts_at([ranking], 0.5)
    assert counts.tolist() == [[1, 2, 1]]
    (surer_wrong,) = ranked(held(found([(1, 0.8, HERE), (1, 0.9, THERE)]), instance(1, HERE)))
    assert ap50(surer_wrong) == pytest.approx(0.5)


def test_half_is_found() -> None:
    (ranking,) = ranked(held(found([(1, 0.9, HERE)]), instance(1, HERE), instance(1, THERE)))
    assert ap50(ranking) == pytest.approx(51 / 101)  # recalls 0 to 0.5 have precision 1
    assert averages(ranking)["AR100"] == 0.5


def test_what_covers_three_quarters_is_right_up_to_there() -> None:
    (ranking,) = ranked(held(found([(1, 0.9, BESIDE)]), instance(1, HERE)))
    drawn = averages(ranking)
    assert drawn["AP50"] == drawn["AP75"] == pytest.approx(1)  # 0.75 is enough for 0.75
    assert drawn["AP"] == pytest.approx(0.6)  # 0.5, 0.55, ..., 0.75 of ten


def test_the_second_find_of_a_thing_is_wrong_whichever_covers_it_better() -> None:
    one = held(found([(1, 0.9, BESIDE), (1, 0.8, HERE)]), instance(1, HERE))
    assert one.right[0, 0].tolist() == [True, False]
    assert one.right[0, 9].tolist() == [False, True]  # only the second covers 0.95


def test_equal_scores_stay_in_their_order() -> None:
    one = held(found([(1, 0.5, THERE), (1, 0.5, HERE)]), instance(1, HERE))
    assert one.right[0, 0].tolist() == [False, True]


def test_a_crowd_takes_any_number_and_is_not_missed() -> None:
    crowd = instance(1, (0, 0, 100, 100), crowd=True)
    rows = found([(1, 0.9, HERE), (1, 0.8, HERE), (1, 0.7, THERE), (1, 0.6, (20, 20, 40, 95))])
    one = held(rows, instance(1, HERE), crowd)
    assert one.counted[0, 0].tolist() == [True, False, False, False]
    (ranking,) = ranked(one)
    assert ranking.wanted[0].tolist() == [1]
    assert ap50(ranking) == pytest.approx(1)


def test_sizes_count_things_of_another_size_as_unsure() -> None:
    small: Box = (70, 70, 80, 80)
    rows = found([(1, 0.9, HERE), (1, 0.8, small), (1, 0.7, (0, 80, 6, 86))])
    (ranking,) = ranked(held(rows, instance(1, HERE), instance(1, small)))
    drawn = averages(ranking)
    assert drawn["medium"] == pytest.approx(1)
    assert drawn["small"] == pytest.approx(1)
    assert math.isnan(drawn["large"])
    assert ranking.counted[1, 0].tolist() == [False, True, True]  # the wrong one is small
    assert ranking.counted[2, 0].tolist() == [True, False, False]


def test_no_finds() -> None:
    (ranking,) = ranked(held(nothing(), instance(1, HERE)))
    assert averages(ranking)["AP"] == 0.0
    assert averages(ranking)["AR100"] == 0.0
    assert math.isnan(averages(ranking)["small"])
    assert math.isnan(best_score([ranking]))
    counts = counts_at([ranking], math.nan)
    assert counts.tolist() == [[[0, 0, 1]]]
    assert shares(counts[0, 0]).tolist()[1:] == [0.0, 0.0]


def test_no_truth() -> None:
    (ranking,) = ranked(held(found([(1, 0.9, HERE)])))
    assert all(math.isnan(value) for value in averages(ranking).values())
    assert math.isnan(best_score([ranking]))
    assert np.isnan(resampled_precision(ranking, np.ones((3, 1), np.int64))).all()


def test_nothing_and_nothing() -> None:
    (ranking,) = ranked(held(nothing()))
    assert math.isnan(averages(ranking)["AP"])
    assert np.isnan(shares(counts_at([ranking], 0.5)[0, 0])).all()


def test_a_thing_without_a_mask_is_neither_rewarded_nor_punished() -> None:
    marked = (instance(1, HERE), instance(1, THERE, SIZE))
    rows = surest(found([(1, 0.9, HERE), (1, 0.8, THERE), (1, 0.7, (0, 60, 20, 90))]))
    one = matches(mask_overlaps(rows, marked))
    assert one.counted[0, 0].tolist() == [False, True, True]
    assert one.right[0, 0].tolist() == [False, True, False]
    assert one.wanted[0].tolist() == [False, True]
    assert matches(box_overlaps(rows, marked)).right[0, 0].tolist() == [True, True, False]


def scored(*scores_and_hits: tuple[float, bool], missed: int = 0) -> list[Ranking]:
    """Finds of which it is said whether they are right, each in a picture of its own."""
    pictures = [
        held(found([(1, score, HERE)]), instance(1, HERE if hit else THERE)) for score, hit in scores_and_hits
    ]
    return ranked(*pictures, *(held(nothing(), instance(1, HERE)) for _ in range(missed)))


def test_the_best_score_is_the_middle_of_the_best() -> None:
    # all four: 3 right of 4, of 4: F1 0.75; the first three: 3 of 3, of 4: 0.857, from 0.41 to 0.60
    rankings_ = scored((0.9, True), (0.8, True), (0.601, True), (0.4049, False))
    assert best_score(rankings_) == pytest.approx(0.51)
    judged = at_score(counts_at(rankings_, best_score(rankings_)).sum(1), np.zeros((0, 4), np.int64))
    assert (judged.right, judged.found, judged.wanted) == (3, 3, 4)
    assert judged.precision.value == pytest.approx(1)
    assert judged.recall.value == 0.75
    assert judged.f1.value == pytest.approx(6 / 7)
    assert math.isnan(judged.f1.low)


def test_a_score_cuts_off_what_is_less_sure() -> None:
    rankings_ = scored((0.9, True), (0.5, False), (0.3, True), missed=1)
    assert counts_at(rankings_, 0.5).sum(0).tolist() == [[1, 2, 4]]
    assert counts_at(rankings_, 0.0).sum(0).tolist() == [[2, 3, 4]]
    assert counts_at(rankings_, 0.95).sum(0).tolist() == [[0, 0, 4]]


def names(rows: Sequence[Sequence[int]]) -> dict[tuple[int, int], int]:
    table = np.asarray(rows)
    return {(int(a) + 1, int(b) + 1): int(table[a, b]) for a, b in np.argwhere(table)}


def test_left_taken_for_right() -> None:
    left, right = instance(1, HERE), instance(2, THERE)
    one = held(found([(2, 0.9, HERE), (2, 0.8, THERE)]), left, right)
    mixed = confusion([one], 2, 0.5)
    assert names(mixed.taken) == {(1, 2): 1, (2, 2): 1}
    assert mixed.missed.tolist() == [0, 0]
    assert not mixed.again.any() and not mixed.nothing.any()


def test_called_both_found_twice_missed_and_nothing() -> None:
    rows = found(
        [
            (1, 0.9, HERE),
            (2, 0.8, HERE),  # called right, too
            (1, 0.7, BESIDE),  # found twice
            (2, 0.6, (0, 60, 30, 90)),  # nothing is there
            (2, 0.2, THERE),  # not sure enough
        ]
    )
    mixed = confusion([held(rows, instance(1, HERE), instance(2, THERE))], 2, 0.5)
    assert names(mixed.taken) == {(1, 1): 1}
    assert names(mixed.again) == {(1, 2): 1, (1, 1): 1}
    assert mixed.missed.tolist() == [0, 1]
    assert mixed.nothing.tolist() == [0, 1]


def test_a_less_sure_right_find_is_not_lost_to_a_surer_wrong_one() -> None:
    mixed = confusion([held(found([(2, 0.9, HERE), (1, 0.6, HERE)]), instance(1, HERE))], 2, 0.5)
    assert names(mixed.taken) == {(1, 1): 1}
    assert names(mixed.again) == {(1, 2): 1}


def test_finds_on_crowds_are_mixed_up_with_nothing() -> None:
    crowd = instance(1, (0, 0, 100, 100), crowd=True)
    mixed = confusion([held(found([(1, 0.9, HERE)]), crowd)], 1, 0.5)
    assert not any(part.any() for part in (mixed.taken, mixed.missed, mixed.again, mixed.nothing))


def test_groups_are_drawn_as_a_whole() -> None:
    drawn = resampled(("a", "", "a", "b", ""), 400, seed=3)
    assert (drawn[:, 0] == drawn[:, 2]).all()
    assert (drawn[:, [0, 1, 3, 4]].sum(1) == 4).all()  # four groups: a, b and two pictures that stand alone
    assert abs(drawn.mean() - 1) < 0.1
    assert (drawn == resampled(("a", "", "a", "b", ""), 400, seed=3)).all()


def test_one_group_says_nothing_about_chance() -> None:
    weights = resampled(("a", "a"), 100)
    assert weights.shape == (0, 2)
    (ranking,) = ranked(*(held(found([(1, 0.9, HERE)]), instance(1, HERE)) for _ in range(2)))
    assert resampled_precision(ranking, weights).shape == (0, 3)
    assert math.isnan(estimate(1.0, np.zeros(0)).low)


def test_intervals_are_as_wide_as_chance() -> None:
    """A share of one half in 100 pictures: 0.5 plus and minus 1.96 times 0.05."""
    pictures = [(0.9, place % 2 == 0) for place in range(100)]
    rankings_ = scored(*pictures)
    weights = resampled([""] * 100, 2000)
    judged = at_score(counts_at(rankings_, 0.5).sum(1), weights)
    assert judged.precision.value == 0.5
    assert judged.precision.low == pytest.approx(0.402, abs=0.02)
    assert judged.precision.high == pytest.approx(0.598, abs=0.02)
