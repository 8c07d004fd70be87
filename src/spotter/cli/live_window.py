"""The plain window of ``spotter live --window``: a mirror that counts, where there is no browser."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from spotter.errors import MissingExtraError, SpotterError, UsageError

if TYPE_CHECKING:
    import tkinter

    from spotter.coach.live_session import LiveSession
    from spotter.coach.words import Words
    from spotter.media.frame import Frame
    from spotter.media.source import MediaSource
    from spotter.report.drawing import Image

_POLL_MS = 15
_FAREWELL_S = 3.0


def coach_in_window(camera: int, exercise: str, language: str, database: str | None) -> None:
    """Coach before a camera in a window, until that is closed or the session is done; it is kept then.

    Args:
        camera: which one, from 0.
        exercise: a name, a TOML file's path, or ``"auto"``.
        language: what the coach says is in, such as ``"de"``.
        database: where the session is kept; the user's own one if None.

    Raises:
        MissingExtraError: this Python has no Tk.
        UsageError: there is no display, or the language is not spoken.
        MediaNotFoundError: there is no such camera.
    """
    from spotter.coach.live_session import LiveSession
    from spotter.coach.words import words_of
    from spotter.media.camera import open_camera

    root = _window()
    with open_camera(camera) as source:
        watching = Watching(LiveSession(exercise, language=language), source, words_of(language))
        watching.start()
        try:
            Mirror(root, watching).run()
        finally:
            watching.close()
    if watching.error is not None:
        raise watching.error
    _keep(watching.session, database)


class Watching:
    """Looks at the newest frame of a source, again and again, in threads of its own.

    Args:
        session: the coach; used by one of these threads alone until they are closed.
        source: what it looks at.
        words: the language of what is drawn.

    Attributes:
        session: as given.
        pictures: the newest drawn picture, if it was not taken yet.
        done: set when the session is over or the source has ended.
        error: what ended it early.
    """

    def __init__(self, session: LiveSession, source: MediaSource, words: Words) -> None:
        self.session = session
        self.pictures: deque[Image] = deque(maxlen=1)
        self.done = threading.Event()
        self.error: SpotterError | None = None
        self._source = source
        self._words = words
        self._frames: deque[Frame] = deque(maxlen=1)  # a newer one pushes the older out
        self._come = threading.Event()
        self._wishes: deque[Callable[[], None]] = deque()
        self._threads = [
            threading.Thread(target=work, name=f"spotter-{name}", daemon=True)
            for name, work in (("camera", self._read), ("coach", self._coach))
        ]

    def start(self) -> None:
        """Begin to look."""
        for thread in self._threads:
            thread.start()

    def wish(self, what: Callable[[], None]) -> None:
        """Call a method of the session before the next frame."""
        self._wishes.append(what)

    def close(self) -> None:
        """End the session."""
        self.done.set()
        self._come.set()
        self._threads[1].join(_FAREWELL_S)
        self.session.finish()

    def _read(self) -> None:
        try:
            for frame in self._source:
                if self.done.is_set():
                    return
                self._frames.append(frame)
                self._come.set()
        except SpotterError as error:
            self.error = error
        self.done.set()
        self._come.set()

    def _coach(self) -> None:
        from spotter.report.live_overlay import draw_live

        try:
            while not self.done.is_set():
                self._come.wait()
                self._come.clear()
                while self._wishes:
                    self._wishes.popleft()()
                if self._frames:
                    frame = self._frames.pop()
                    live = self.session.push(frame)
                    self.pictures.append(draw_live(frame.image, live, self._words))
                    if live.stage == "done":
                        break
        except SpotterError as error:
            self.error = error
        self.done.set()


class Mirror:
    """The window: shows the newest picture, and hands the keys on.

    Args:
        root: Tk's window.
        watching: where the pictures come from.
    """

    def __init__(self, root: tkinter.Tk, watching: Watching) -> None:
        import tkinter

        self._root = root
        self._watching = watching
        self._label = tkinter.Label(root, borderwidth=0)
        self._label.pack()
        self._shown: tkinter.PhotoImage | None = None  # Tk forgets a picture that nobody holds
        root.title("Spotter")
        root.bind("<space>", lambda _: watching.wish(watching.session.skip))
        root.bind("e", lambda _: watching.wish(watching.session.end_set))
        root.bind("q", lambda _: watching.wish(watching.session.finish))
        root.protocol("WM_DELETE_WINDOW", watching.done.set)

    def run(self) -> None:
        """Show pictures until the session is over."""
        self._poll()
        self._root.mainloop()

    def _poll(self) -> None:
        import tkinter

        if self._watching.done.is_set():
            self._root.destroy()
            return
        if self._watching.pictures:
            image = self._watching.pictures.pop()
            height, width = image.shape[:2]
            ppm = b"P6 %d %d 255 %b" % (width, height, image.tobytes())
            self._shown = tkinter.PhotoImage(data=ppm, format="ppm")
            self._label.configure(image=self._shown)
        self._root.after(_POLL_MS, self._poll)


def _window() -> tkinter.Tk:
    try:
        import tkinter
    except ImportError as error:
        raise MissingExtraError(
            "a window needs Tk, which this Python has not; install your system's python3-tk, "
            "or leave out --window and use the browser"
        ) from error
    try:
        return tkinter.Tk()
    except tkinter.TclError as error:
        raise UsageError(
            f"there is no display to open a window on ({error}); leave out --window, and open the page's "
            "address in a browser"
        ) from error


def _keep(session: LiveSession, database: str | None) -> None:
    """Keep what was done, and tell it; a history that fails is told and nothing else."""
    document = session.summary()
    typer.echo("\n".join(document["sentences"]) or "nothing was done", err=True)
    whole = session.session()
    if whole is None:
        return
    try:
        from spotter.history.history import History

        with History.open(database) as history:
            history.add(whole)
        typer.echo(f"kept: spotter history show {whole.id[:8]}", err=True)
    except SpotterError as error:
        typer.echo(f"spotter: the session is not kept: {error}", err=True)
