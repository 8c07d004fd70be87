"""Results keep everybody's landmarks, and name the file among those that an analysis left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spotter.errors import OutputError
from spotter.motion.landmark_file import LANDMARKS_NPZ, LandmarkFile, read_landmark_file
from spotter.report.results import Results
from tests.report import material

BOTH = (material.squats(1), material.squats(2))


def test_landmarks_of_every_stretch_are_kept(tmp_path: Path, clip: Path) -> None:
    analysis = material.analysis(*BOTH)
    analysis.video["interrupted"] = False
    with Results(tmp_path, clip, with_video=False) as results:
        results.add(material.stretch(*BOTH, end_s=4.0))
        results.add(material.stretch(*BOTH, start_s=4.0))
        files = results.finish(analysis)
    assert tmp_path / LANDMARKS_NPZ in files
    tracks = read_landmark_file(tmp_path / LANDMARKS_NPZ)
    assert [(track.person, len(track)) for track in tracks] == [(1, 160), (2, 160)]
    np.testing.assert_allclose(tracks[1].xy, material.motion(person=2).xy, atol=1 / 32)


def test_an_error_keeps_the_stretches_before_it(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError), Results(tmp_path / "new", clip, with_video=False) as results:
        results.add(material.stretch(*BOTH, end_s=4.0))
        monkeypatch.setattr(LandmarkFile, "_write", full_disk)
        results.add(material.stretch(*BOTH, start_s=4.0))
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["angles.csv"]
    assert (tmp_path / "new" / "angles.csv").read_text("utf-8").count("\n") == 1 + 2 * 160


def full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")
