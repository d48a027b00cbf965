"""``rigtalk batch``: reads, plans, does, and says what came of it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..errors import RigtalkError
from ..scene_host import SceneHost
from .html import as_html
from .jobs_file import read_jobs
from .ledger import LEDGER_NAME, Ledger
from .lock import LOCK_NAME, locked
from .places import check_output, identity, remove_parts
from .plan import Plan, make_plan
from .pool import Outcome, Pool
from .progress import Progress, duration
from .summary import DONE, FAILED, SKIPPED, Result, Summary, write_text
from .tasks import SCENE, Task

__all__ = ["run_batch"]


def run_batch(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    """Do what a jobs file asks for.

    Parameters
    ----------
    arguments : Namespace
        As `arguments.add_batch` describes them.
    host : SceneHost or None
        Who opens scenes and says how workers are started.

    Returns
    -------
    int
        0 if every line is done, 2 if one is not, 130 if interrupted.

    Raises
    ------
    RigtalkError
        If nothing can be done at all.
    """
    jobs: Path = arguments.jobs
    processes = _cores() if arguments.processes is None else arguments.processes
    if processes < 1:
        raise RigtalkError(f"--processes is {processes}: it must be at least 1")
    rows = read_jobs(jobs)
    base = jobs.absolute().parent
    out = (arguments.out or base).absolute()
    reports = [path for path in (arguments.json, arguments.html) if path is not None]
    kept = [jobs, out / LEDGER_NAME, out / LOCK_NAME, *reports]
    plan = make_plan(rows, base=base, out=out, kept=kept)
    _check_reports(jobs, reports, plan)
    summary = Summary(jobs, plan)
    for row in plan.problems:
        _complain(summary.results[row])
    if arguments.dry_run:
        return _dry(plan, summary, arguments)
    if plan.tasks:
        with ExitStack() as stack:
            _make_folder(out)
            stack.enter_context(locked(out))
            ledger = stack.enter_context(Ledger(out))
            run = _Run(plan, summary, ledger, retry=arguments.retry, overwrite=arguments.overwrite)
            command = _commander(host, run.todo)
            try:
                with _terminable():
                    run.work(min(processes, len(run.todo)), command)
            except KeyboardInterrupt:
                summary.interrupted = True
            except RigtalkError:  # nobody can work; what was done is still told
                _write_reports(summary, arguments)
                raise
    _write_reports(summary, arguments)
    return _farewell(summary)


class _Run:
    """The tasks that are left to do, and what becomes of them."""

    def __init__(
        self, plan: Plan, summary: Summary, ledger: Ledger, *, retry: bool, overwrite: bool
    ) -> None:
        self._summary, self._ledger = summary, ledger
        self.todo: list[Task] = []
        for task in plan.tasks:
            record = ledger.state(task)
            errors = record["errors"] if record else []
            if record and not any(errors):
                edited = [
                    f"{path.name} was edited since; left alone" for path in ledger.edited(task)
                ]
                notes = [[*said, *edited] for said in record["notes"]]
                self._note(task, errors, notes, SKIPPED)
            elif record and not retry:
                again = "; nothing has changed since, so it was not tried again (--retry)"
                self._note(task, [e and e + again for e in errors], record["notes"], SKIPPED)
            elif not overwrite and (edited_files := ledger.edited(task)):
                names = ", ".join(str(path) for path in edited_files)
                why = f"{names}: edited since rigtalk wrote it; move it away, or give --overwrite"
                self._note(task, [why] * len(task.lines), [[] for _ in task.lines], SKIPPED)
            else:
                self.todo.append(task)
        self._progress = Progress(len({row for task in self.todo for row in task.rows}))

    def work(self, processes: int, command: Callable[[str], list[str]]) -> None:
        """Do what is left."""
        if not self.todo:
            return
        remove_parts(path for task in self.todo for path in task.outputs)
        begin = time.monotonic()
        pool = Pool(processes, command, begins=self._ledger.begin, ends=self._ended)
        self._progress.show()
        try:
            pool.run(self.todo)
        finally:
            self._progress.clear()
            self._summary.seconds = time.monotonic() - begin
            self._summary.processes = processes
            self._summary.peak_memory = pool.peak_memory

    def _ended(self, task: Task, outcome: Outcome) -> None:
        if outcome.final:  # else it stays begun, and the next batch does it
            self._ledger.finish(
                task,
                inputs=outcome.inputs,
                outputs=outcome.outputs,
                errors=outcome.errors,
                seconds=outcome.seconds,
                notes=outcome.notes,
            )
        over = self._summary.note(
            task,
            errors=outcome.errors,
            notes=outcome.notes,
            status=DONE,
            seconds=outcome.seconds,
            fault=outcome.fault,
        )
        for result in over:
            if result.status == FAILED:
                self._progress.clear()
                _complain(result)
            self._progress.step(failed=result.status == FAILED)

    def _note(self, task: Task, errors: list[str], notes: list[list[str]], status: str) -> None:
        for result in self._summary.note(task, errors=errors, notes=notes, status=status):
            if result.status == FAILED:
                _complain(result)


def _dry(plan: Plan, summary: Summary, arguments: argparse.Namespace) -> int:
    """Open every recording, so that a night's work does not end at a damaged one."""
    from ..audio import open_audio  # only here: workers are who reads sound

    seconds, opened = 0.0, dict[Path, float | RigtalkError]()
    for row, line in enumerate(plan.lines):
        if line is None:
            continue
        if line.audio not in opened:
            try:
                opened[line.audio] = open_audio(line.audio).duration or 0.0
            except RigtalkError as error:
                opened[line.audio] = error
        found = opened[line.audio]
        if isinstance(found, RigtalkError):
            summary.results[row].status = FAILED
            summary.results[row].errors.append(str(found))
            _complain(summary.results[row])
        else:
            seconds += found
    failed = sum(result.status == FAILED for result in summary.results)
    files = len({path for task in plan.tasks for path in task.outputs})
    _tell(
        f"{len(summary.results)} lines, {duration(seconds)} of speech, {files} files; "
        f"{failed} cannot be done"
    )
    _write_reports(summary, arguments)
    return 2 if failed else 0


def _farewell(summary: Summary) -> int:
    if sys.stderr.isatty():
        failed = summary.counts[FAILED]
        hint = "; --retry tries again what failed" if failed and not summary.interrupted else ""
        sys.stderr.write(f"{summary.words()} in {duration(summary.seconds)}{hint}\n")
    if summary.interrupted:
        sys.stderr.write("rigtalk: error: interrupted; run it again to go on\n")
        return 130
    return 2 if summary.counts[FAILED] else 0


def _commander(host: SceneHost | None, todo: list[Task]) -> Callable[[str], list[str]]:
    """How workers are started; asked before the work, so that a missing Blender is known."""
    kinds = {task.kind for task in todo}
    if host is None:
        commands = {kind: [sys.executable, "-m", "rigtalk", "batch-worker"] for kind in kinds}
    else:
        commands = {kind: host.worker_command(scenes=kind == SCENE) for kind in kinds}
    return commands.__getitem__


def _check_reports(jobs: Path, reports: list[Path], plan: Plan) -> None:
    read = {identity(jobs), *(identity(path) for task in plan.tasks for path in task.inputs)}
    for path in reports:
        check_output(path)
        if identity(path) in read:
            raise RigtalkError(f"{path}: is an input; it is not written over, name another file")
        if not path.absolute().parent.is_dir():
            raise RigtalkError(f"{path}: the folder {path.absolute().parent} does not exist")
    if len({identity(path) for path in reports}) < len(reports):
        raise RigtalkError(f"{reports[0]}: --json and --html need two files")


def _write_reports(summary: Summary, arguments: argparse.Namespace) -> None:
    if arguments.json is not None:
        write_text(arguments.json, summary.as_json())
    if arguments.html is not None:
        write_text(arguments.html, as_html(summary))


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RigtalkError(f"{out}: cannot be made ({error.strerror})") from None


@contextmanager
def _terminable() -> Iterator[None]:
    """A polite request to end is as good as Ctrl-C, which Blender itself would swallow."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {sign: signal.signal(sign, stop) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            # None is one that Python knows nothing of
            signal.signal(sign, signal.SIG_DFL if handler is None else handler)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _complain(result: Result) -> None:
    for error in result.errors:
        text = " ".join(f"{result.label}: {error}".split())
        sys.stderr.write(f"rigtalk: error: {text}\n")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
