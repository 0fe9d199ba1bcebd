"""Replay an archive with workers of which one is killed on the way, or the whole.

Run with the kind of workers (or ``whole``), the folder of the catalogue, the folder to
fill, and the archive's files.
"""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

from crawler.parallel import in_processes, on_dask
from crawler.replay import Replay, Tasks
from crawler.replay_selection import Selection
from crawler.storage.archive_reading import ArchiveReader
from crawler.storage.catalogue import read_catalogue

HALF = 40
"""Steps after which a worker is killed."""


def killing(tasks, kill):
    """Give the tasks, and kill a worker in the middle of them."""
    for number, job in enumerate(tasks):
        if number == HALF:
            kill()
        yield job


def kill_one():
    """Kill a worker."""
    multiprocessing.active_children()[0].kill()


def end_here():
    """Tell the workers' ids, and kill this process."""
    pids = [str(child.pid) for child in multiprocessing.active_children()]
    sys.stdout.write(" ".join(pids))
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def main(kind, catalogue, into, *files):
    """Replay with processes, or with a Dask cluster of two."""
    archive = ArchiveReader({Path(file).name: Path(file) for file in files})
    tasks = Tasks(archive, read_catalogue(Path(catalogue)), Selection())
    if kind == "dask":
        from distributed import LocalCluster

        with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:
            workers = list(cluster.workers.values())
            jobs = killing(tasks, workers[0].process.process.kill)
            reader = on_dask(cluster.scheduler_address)
            Replay(Path(into), jobs, Selection(), reader).run()
        return
    jobs = killing(tasks, end_here if kind == "whole" else kill_one)
    Replay(Path(into), jobs, Selection(), in_processes(2)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
