"""Call records in, rows written in batches by one thread; never waits for the database, never raises."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from queue import Empty, SimpleQueue

from cds_service.core.kept import CallRecord
from cds_service.errors import StoreError
from cds_service.store.clock import utc_now
from cds_service.store.connect import RefusedError, Store
from cds_service.store.forks import after_fork
from cds_service.store.purge import purge
from cds_service.store.rows import Rows, rows_of, write

BATCH = 500
# Long enough to gather a batch, short enough that a crash loses little.
WINDOW_SECONDS = 0.05
# Between two tries while the store is down: the first, and the longest.
BACKOFF_SECONDS = (0.25, 10.0)
FIRST_PURGE_SECONDS, PURGE_SECONDS = 60.0, 3600.0
# Bodies wait for their digest; a few large ones must not fill the memory.
WAITING_BYTES = 64 * 1024 * 1024


class Recorder:
    """Safe to make before a fork: the thread starts with ``begin`` or the first record of a process.

    ``written``, ``dropped``: records of this process; ``failures``: writes that have to be tried again.
    """

    def __init__(
        self,
        store: Store,
        *,
        capacity: int = 10_000,
        audit_days: int = 730,
        told: Callable[[], None] | None = None,
    ) -> None:
        """``told`` is called by the thread after every try to write, when the counts have changed."""
        self._store = store
        self._capacity = capacity
        self._audit_days = audit_days
        self._told = told
        self._reset()
        after_fork(self._reset)

    @property
    def depth(self) -> int:
        """Records that wait to be written."""
        return self._waiting.qsize() + len(self._ready)

    def begin(self) -> None:
        """Start the thread before there is a record, since it also deletes what is past its time."""
        with self._lock, contextlib.suppress(RuntimeError):  # no thread can be started now
            if self._thread is None and not self._stopping.is_set():
                self._start()

    def put(self, record: CallRecord) -> bool:
        """Take a record; False when it had to be dropped, which is counted."""
        size = len(record.body)
        try:
            with self._lock:
                full = self.depth >= self._capacity or self._waiting_bytes + size > WAITING_BYTES
                if full or self._stopping.is_set():
                    self.dropped += 1
                    return False
                if self._thread is None:
                    self._start()
                self._waiting_bytes += size
                self._waiting.put(record)
        except RuntimeError:  # no thread can be started now
            self.dropped += 1
            return False
        return True

    def drain(self, seconds: float) -> bool:
        """Write what waits, for at most so long, then end; False when any record of this process was lost."""
        self._deadline = time.monotonic() + seconds
        with self._lock:
            self._stopping.set()
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join(seconds)
            with self._lock:
                self.dropped += len(self._ready) + sum(record is not None for record in self._taken())
                self._ready.clear()
        return self.dropped == 0

    def _reset(self) -> None:
        self.written = self.dropped = self.failures = 0
        self._waiting: SimpleQueue[CallRecord | None] = SimpleQueue()
        self._waiting_bytes = 0
        self._ready: deque[Rows] = deque()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._deadline = float("inf")
        self._thread: threading.Thread | None = None

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        thread.start()
        self._thread = thread

    def _run(self) -> None:
        purge_at = time.monotonic() + FIRST_PURGE_SECONDS
        retry_at, pause = 0.0, BACKOFF_SECONDS[0]
        while True:
            self._gather(self._until(retry_at, purge_at))
            stopping = self._stopping.is_set()
            if self._ready and (stopping or time.monotonic() >= retry_at):
                written = self._write()
                self._tell()
                if written:
                    retry_at, pause = 0.0, BACKOFF_SECONDS[0]
                else:
                    retry_at = time.monotonic() + pause
                    pause = min(pause * 2, BACKOFF_SECONDS[1])
                    if stopping:
                        time.sleep(WINDOW_SECONDS)
            if stopping and (self.depth == 0 or time.monotonic() >= self._deadline):
                return
            if time.monotonic() >= purge_at and not stopping:
                purge_at = time.monotonic() + PURGE_SECONDS
                self._purge()

    def _until(self, retry_at: float, purge_at: float) -> float:
        if self._stopping.is_set():
            return 0.0
        return retry_at if self._ready else purge_at

    def _gather(self, until: float) -> None:
        """Make rows of what waits, even while the store is down: bodies and reasonings are let go."""
        window_end = float("inf")
        if len(self._ready) >= self._capacity:
            self._stopping.wait(max(0.0, until - time.monotonic()))
        while len(self._ready) < self._capacity:
            patience = min(until, window_end) - time.monotonic()
            try:
                record = self._waiting.get(timeout=patience) if patience > 0 else self._waiting.get_nowait()
            except Empty:
                return
            if record is None:
                return
            self._make_ready(record)
            window_end = min(window_end, time.monotonic() + WINDOW_SECONDS)
            if len(self._ready) >= BATCH and time.monotonic() >= min(until, window_end):
                return

    def _make_ready(self, record: CallRecord) -> None:
        rows = None
        with contextlib.suppress(Exception):  # a record we cannot read must not end the thread
            rows = rows_of(record, self._store.hashes)
        with self._lock:
            self._waiting_bytes -= len(record.body)
            if rows is None:
                self.dropped += 1
            else:
                self._ready.append(rows)

    def _write(self) -> bool:
        """Write a batch; False when the store is down and it must be tried again."""
        batch = list(islice(self._ready, BATCH))
        try:
            refused = self._keep(batch)
        except StoreError:
            self.failures += 1
            return False
        with self._lock:
            # A drain that ran out of time has counted them as lost and taken them away.
            for _ in range(min(len(batch), len(self._ready))):
                self._ready.popleft()
            self.written += len(batch) - refused
            self.dropped += refused
        return True

    def _keep(self, batch: list[Rows]) -> int:
        """Write, one by one when a row of the batch is refused; how many were refused."""
        try:
            with self._store.begin() as connection:
                write(connection, batch)
        except Exception as error:  # a driver's own complaint about a value must not end the thread
            if isinstance(error, StoreError) and not isinstance(error, RefusedError):
                raise
            if len(batch) == 1:
                return 1
            return sum(self._keep([rows]) for rows in batch)
        return 0

    def _tell(self) -> None:
        if self._told is not None:
            with contextlib.suppress(Exception):  # a listener must not end the thread
                self._told()

    def _purge(self) -> None:
        with contextlib.suppress(StoreError):
            purge(self._store, utc_now(), audit_days=self._audit_days)

    def _taken(self) -> list[CallRecord | None]:
        records: list[CallRecord | None] = []
        with contextlib.suppress(Empty):
            while True:
                records.append(self._waiting.get_nowait())
        return records
