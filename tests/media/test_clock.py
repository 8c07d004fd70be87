"""The repair of time stamps."""

from __future__ import annotations

import pytest

from spotter.media.clock import StreamClock


@pytest.mark.parametrize(
    ("stamps", "times"),
    [
        pytest.param([0, 0.1, 0.2], [0, 0.1, 0.2], id="good"),
        pytest.param([0, 0.03, 0.5, 0.51], [0, 0.03, 0.5, 0.51], id="uneven"),
        pytest.param([None, None, None], [0, 0.1, 0.2], id="no stamps"),
        pytest.param([0, None, 0.2, None, 0.4], [0, 0.1, 0.2, 0.3, 0.4], id="every second missing"),
        pytest.param([0, 0.1, 0.1, 0.2], [0, 0.1, 0.15, 0.2], id="repeated"),
        pytest.param([0, 0.2, 0.1, 0.3], [0, 0.2, 0.25, 0.3], id="two swapped"),
        pytest.param([0, 0, 0, 0, 0.4], [0, 0.05, 0.1, 0.15, 0.4], id="stuck"),
        pytest.param([0, 0.1, 9, 0, 0.1], [0, 0.1, 9, 9.1, 9.2], id="clock started again"),
        pytest.param([5, 0, 0.1, 0, 0.1], [5, 5.1, 5.2, 5.25, 5.3], id="started again, then jitter"),
        pytest.param([3.5, 3.6], [3.5, 3.6], id="begins late"),
    ],
)
def test_times_strictly_increase(stamps: list[float | None], times: list[float]) -> None:
    clock = StreamClock(frame_s=0.1)
    assert [clock.time_of(stamp) for stamp in stamps] == pytest.approx(times)
