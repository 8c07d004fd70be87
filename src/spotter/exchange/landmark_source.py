"""The landmarks that an analysis left in its folder, for the formats that are made of them."""

from __future__ import annotations

from pathlib import Path

from spotter.errors import ExchangeError
from spotter.exchange.session_source import ANALYSIS_JSON
from spotter.motion.landmark_file import LANDMARKS_NPZ, LandmarkTrack, read_landmark_file


def landmarks_from(path: Path, person: int | None = None) -> tuple[LandmarkTrack, ...]:
    """Everybody's landmarks, or one person's.

    Args:
        path: a folder of ``spotter analyze``, or the analysis.json in it.
        person: number of the person; everybody if None.

    Returns:
        Empty where none are kept: in the folder of an older Spotter, and beside a session's own JSON file.

    Raises:
        ExchangeError: the file of landmarks is damaged or of a newer version, or there is no such person.
        MediaUnreadableError: it may not be read.

    Example::

        for track in landmarks_from(Path("spotter-results/squat")):
            write_trc(track, Path(f"person{track.person}.trc"))
    """
    folder = path.parent if path.name == ANALYSIS_JSON else path
    file = folder / LANDMARKS_NPZ
    if not file.is_file():
        return ()
    tracks = read_landmark_file(file)
    found = tuple(track for track in tracks if person in (None, track.person))
    if tracks and not found:
        known = ", ".join(str(track.person) for track in tracks)
        raise ExchangeError(f"{file}: there is no person {person}; there are {known}")
    return found
