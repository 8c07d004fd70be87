"""How a recognizer bears worse photos: for each trial an example, the accuracy and its bar."""

from __future__ import annotations

from dataclasses import dataclass

from spotter.recognizer.judged import Evaluation
from spotter.recognizer.metrics import share, wilson_interval
from spotter.recognizer.robustness import TrialResult
from spotter.report.recognizer.thumbnails import Image, squares_of
from spotter.report.shell import picture_uri

_SIDE = 128


@dataclass(frozen=True, slots=True)
class TrialView:
    """One trial as it is shown.

    Attributes:
        uri: an example photo; empty where none can be read.
        words: what was done to it.
        right: the share of right answers, in per cent.
        unknown: the share of "unknown" where that is not right, in per cent.
        figure: the accuracy as it is written.
        hint: all of it in words.
    """

    uri: str
    words: str
    right: float
    unknown: float
    figure: str
    hint: str


def trial_rows(evaluation: Evaluation) -> list[tuple[str, list[TrialView]]]:
    """The trials by what is done, each with its strengths; the photos as they are first."""
    if not evaluation.robustness:
        return []
    example = _example(evaluation)
    rows: dict[str, list[TrialView]] = {}
    for result in evaluation.robustness[1:]:
        if result.trial is not None:
            rows.setdefault(result.trial.name, []).append(_view(result, example))
    return list(rows.items())


def _example(evaluation: Evaluation) -> Image | None:
    """The photo that was recognised most surely."""
    surest = max(range(len(evaluation)), key=lambda i: (bool(evaluation.right[i]), evaluation.certainty[i]))
    return squares_of([evaluation.photos[surest]], _SIDE)[0]


def _view(result: TrialResult, example: Image | None) -> TrialView:
    trial = result.trial
    low, high = wilson_interval(result.right, result.n)
    right, unknown = 100 * result.accuracy, 100 * share(result.unknown, result.n)
    return TrialView(
        uri="" if example is None or trial is None else picture_uri(trial.apply(example)),
        words="" if trial is None else trial.words,
        right=round(right, 2),
        unknown=round(unknown, 2),
        figure=f"{right:.0f} %",
        hint=f"{right:.1f} % right ({100 * low:.0f} to {100 * high:.0f} %), {unknown:.1f} % unknown, "
        f"{100 - right - unknown:.1f} % wrong, of {result.n} photos",
    )
