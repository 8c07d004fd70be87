"""Shares a few threads out among many streams: each in its turn, none twice while another one waits."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Protocol

_LOG = logging.getLogger(__name__)


class Job(Protocol):
    """Somebody who has work now and then; compared by identity."""

    def work(self) -> None:
        """Do one piece of the work; called in a worker's thread, and by one at a time."""


class Scheduler:
    """Worker threads that serve jobs in turn.

    A job that wakes it while it waits is not queued again, and one that does so while it is served goes to
    the queue's end afterwards: so everybody who waits is served before anybody is served twice.

    Args:
        workers: how many threads; so many jobs are served at the same time.

    >>> import queue
    >>> class Shout:
    ...     said = queue.Queue()
    ...     def work(self):
    ...         self.said.put("hello")
    >>> scheduler = Scheduler(2)
    >>> scheduler.wake(Shout())
    >>> Shout.said.get(timeout=5)
    'hello'
    >>> scheduler.close(5)
    True
    """

    def __init__(self, workers: int) -> None:
        self._change = threading.Condition()
        self._queue: deque[Job] = deque()
        self._served: dict[int, bool] = {}  # identity of a job to whether it wants another turn
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"spotter-worker-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self, job: Job) -> None:
        """There is work: the job gets a turn."""
        with self._change:
            if id(job) in self._served:
                self._served[id(job)] = True
            elif not any(waiting is job for waiting in self._queue):
                self._queue.append(job)
                self._change.notify()

    def close(self, timeout_s: float) -> bool:
        """Do what is queued and end; whether all threads ended within the time."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join(timeout_s / len(self._threads))
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(self) -> None:
        while (job := self._next()) is not None:
            try:
                job.work()
            except Exception:  # the other streams go on
                _LOG.exception("a piece of work failed")
            self._done(job)

    def _next(self) -> Job | None:
        with self._change:
            while not self._queue and not self._closed:
                self._change.wait()
            if not self._queue:
                return None
            job = self._queue.popleft()
            self._served[id(job)] = False
            return job

    def _done(self, job: Job) -> None:
        with self._change:
            if self._served.pop(id(job)):
                self._queue.append(job)
                self._change.notify()
