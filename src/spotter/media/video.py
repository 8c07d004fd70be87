"""Reading a video: true times, upright pictures, only the part that is wanted, whatever the damage."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from spotter.errors import MediaFormatError, MediaUnreadableError, UsageError
from spotter.media.clock import StreamClock
from spotter.media.convert import RgbConverter
from spotter.media.decode import Damage, decoded_frames, set_threads
from spotter.media.files import require_readable
from spotter.media.frame import Frame, MediaInfo
from spotter.media.moments import recording_began
from spotter.media.source import MediaSource, TimeWindow

_DEFAULT_FPS = 30.0
_FASTEST_FPS = 1000.0
# Some formats land after what was asked for: try again from this much earlier, then from the beginning.
_SEEK_MARGINS_S = (0.0, 10.0)
_MISSING_END_S = 0.5
# Formats whose header states the length; of others ffmpeg only guesses it, from the size of the file.
_LENGTH_IN_HEADER = frozenset({"mov", "matroska", "avi", "asf", "flv"})

Opener = Callable[[], InputContainer]
_TimedFrame = tuple[av.VideoFrame, float]


def open_video(path: Path, window: TimeWindow, max_side: int | None) -> VideoSource:
    """The frames of a video file; see `spotter.media.reader.open_media` for the arguments and the errors."""
    require_readable(path)
    return VideoSource(
        lambda: _open_file(path), name=path.stem, path=str(path), window=window, max_side=max_side
    )


class VideoSource(MediaSource):
    """The frames of the best picture track of whatever ``opener`` opens.

    Args:
        opener: opens the container; called a second time where the format cannot seek.
        name: what results are filed under.
        path: where it comes from, for messages.
        window: the part that is wanted.
        max_side: the longest side of the pictures handed out, in pixels; None for as they are.
        low_delay: hand out each frame as soon as it is there, at the price of speed; for a camera.

    Raises:
        MediaFormatError: if there is no picture track, no decoder for it, or not one frame that decodes.
        UsageError: if the window begins after the end.
    """

    def __init__(
        self,
        opener: Opener,
        *,
        name: str,
        path: str,
        window: TimeWindow | None = None,
        max_side: int | None = None,
        low_delay: bool = False,
    ) -> None:
        self._opener, self._path, self._low_delay = opener, path, low_delay
        self._window = window or TimeWindow()
        self._damage = Damage()
        self._origin: int | None = None
        self._open()
        try:
            self._timed = self._decode()
            first = next(self._timed, None)
            if first is None:
                raise MediaFormatError(
                    f"{path} is damaged: not one picture in it could be decoded "
                    f"({self._damage.reason or 'no data'}); get the file again from where it came"
                )
            self._converter = RgbConverter(first[0], self._track.sample_aspect_ratio, max_side)
            super().__init__(self._describe(name))
            self._pending: _TimedFrame | None = self._first_wanted(first)
        except BaseException:
            self._release()
            raise

    def _open(self) -> None:
        self._container = self._opener()
        try:
            self._track = _picture_track(self._container, self._path)
        except BaseException:
            self._release()
            raise
        set_threads(self._track, low_delay=self._low_delay)

    def _release(self) -> None:
        self._container.close()

    def _describe(self, name: str) -> MediaInfo:
        fps, duration_s = _average_fps(self._track), _duration_s(self._container, self._track)
        wanted_s = self._window.overlap_s(duration_s)
        whole = self._window == TimeWindow()
        estimate = 0 if math.isnan(wanted_s * fps) else max(1, round(wanted_s * fps))
        return MediaInfo(
            name=name,
            path=self._path,
            width=self._converter.width,
            height=self._converter.height,
            fps=fps,
            duration_s=duration_s,
            frame_count=(self._track.frames if whole else 0) or estimate,
            codec=self._track.codec_context.codec.canonical_name,
            rotation_deg=self._converter.rotation_deg,
            created=recording_began(self._container.metadata, duration_s),
        )

    def _decode(self) -> Iterator[_TimedFrame]:
        """Every frame from where the container stands, with its time in the stream."""
        fps = _average_fps(self._track)
        clock = StreamClock(1 / (_DEFAULT_FPS if math.isnan(fps) else fps))
        for frame in decoded_frames(self._container, self._track, self._damage):
            yield frame, clock.time_of(self._stamp_s(frame))

    def _stamp_s(self, frame: av.VideoFrame) -> float | None:
        if frame.pts is None:
            return None
        if self._origin is None:
            start = self._track.start_time
            self._origin = frame.pts if start is None else min(start, frame.pts)
        return self._seconds(frame.pts)

    def _seconds(self, pts: int) -> float:
        return float((pts - (self._origin or 0)) * (self._track.time_base or 1))

    def _first_wanted(self, first: _TimedFrame) -> _TimedFrame:
        """Move on to the first frame of the window, by seeking where that is possible."""
        current: _TimedFrame | None = first
        if self._window.is_before(first[1]):
            current = self._seek()
        while current is not None and self._window.is_before(current[1]):
            current = next(self._timed, None)
        if current is None:
            raise UsageError(
                f"{self._path} ends before {self._window.start_s:g} s, where it was to start; "
                "give an earlier start"
            )
        return current

    def _seek(self) -> _TimedFrame | None:
        time_base = self._track.time_base
        for margin_s in _SEEK_MARGINS_S:
            target_s = self._window.start_s - margin_s
            if time_base is None or target_s <= 0:
                break
            try:
                self._container.seek((self._origin or 0) + int(target_s / time_base), stream=self._track)
            except av.FFmpegError:
                break
            self._timed = self._decode()
            landed = next(self._timed, None)
            if landed is not None and landed[1] <= self._window.start_s:
                return landed
        self._release()
        self._open()
        self._timed = self._decode()
        return next(self._timed, None)

    def _frames(self) -> Generator[Frame, None, None]:
        current, self._pending = self._pending, None
        index = 0
        end_s = 0.0
        while current is not None and not self._window.is_after(current[1]):
            frame, time_s = current
            yield Frame(self._converter.convert(frame), time_s, index)
            index += 1
            end_s = time_s + float((frame.duration or 0) * (frame.time_base or 0))
            current = next(self._timed, None)
        self.warning = self._what_went_wrong(end_s, finished=current is None)

    def _what_went_wrong(self, end_s: float, *, finished: bool) -> str | None:
        damage, promised_s = self._damage, self.info.duration_s
        if finished and promised_s - end_s > _MISSING_END_S and _knows_length(self._container, self._track):
            return (
                f"{self._path} breaks off at {end_s:.1f} s, but was to be {promised_s:.1f} s long: "
                "recording or copying it was cut short; everything up to there was used"
            )
        if damage.read_failed:
            return (
                f"{self._path} could not be read past {end_s:.1f} s ({damage.reason}); "
                "everything up to there was used"
            )
        if damage.packets:
            where = "" if damage.first_pts is None else f" at {self._seconds(damage.first_pts):.1f} s"
            return (
                f"{self._path} is damaged{where} ({damage.reason}); what could not be decoded was left out "
                f"(pieces: {damage.packets}), all the rest was used"
            )
        return None


def _open_file(path: Path) -> InputContainer:
    try:
        # "file:" makes colons in names harmless; the whitelist keeps playlists from calling the network.
        return av.open(f"file:{path}", options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except PermissionError as error:
        raise MediaUnreadableError(
            f"{path} may not be read: this user has no permission; change its permissions"
        ) from error
    except av.FFmpegError as error:
        raise MediaFormatError(
            f"{path} is not a video or picture that can be read ({error.strerror}): it is something else "
            "under that name, or its recording was never finished; check that it plays in a video player"
        ) from error


def _picture_track(container: InputContainer, path: str) -> VideoStream:
    tracks = [track for track in container.streams.video if not track.disposition & Disposition.attached_pic]
    if not tracks:
        has = "sound but no picture" if container.streams.audio else "no picture track"
        raise MediaFormatError(f"{path} has {has}; a video of the movement is wanted")
    best = container.streams.best("video")
    track = best if isinstance(best, VideoStream) and best in tracks else tracks[0]
    if track.codec_context is None:
        raise MediaFormatError(f"{path} uses a codec that is not known here; convert it to MP4 with H.264")
    return track


def _average_fps(track: VideoStream) -> float:
    for rate in (track.average_rate, track.guessed_rate, track.base_rate):
        if rate and 0 < rate <= _FASTEST_FPS:
            return float(rate)
    return math.nan


def _duration_s(container: InputContainer, track: VideoStream) -> float:
    if track.duration and track.time_base:
        return float(track.duration * track.time_base)
    if container.duration:
        return float(Fraction(container.duration, av.time_base))
    return math.nan


def _knows_length(container: InputContainer, track: VideoStream) -> bool:
    """Whether the length is written in the file and is that of the pictures, not perhaps of the sound."""
    stated = container.format.name.split(",")[0] in _LENGTH_IN_HEADER
    return stated and (bool(track.duration) or not container.streams.audio)
