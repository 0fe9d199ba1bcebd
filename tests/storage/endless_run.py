"""Keep posts until killed; each line of the output is one acknowledged version.

``python endless_run.py FOLDER RUN BATCH``. Every third version is a revision.
"""

import json
import sys
from itertools import count, islice
from pathlib import Path
from runpy import run_path

from crawler.storage.posts import PostStore

build_post = run_path(str(Path(__file__).with_name("conftest.py")))["build_post"]


def versions():
    for number in count(1):
        yield build_post(number)
        if number % 2 == 0:
            yield build_post(number, title=f"镜湖简报第{number}号（更正）")


if __name__ == "__main__":
    folder, run, size = sys.argv[1:]
    store = PostStore(Path(folder), run)
    endless = versions()
    while batch := list(islice(endless, int(size))):
        for kept in store.keep_all([(post, None) for post in batch]):
            facts = [kept.record[name] for name in ("id", "revision", "path", "title")]
            sys.stdout.write(json.dumps(facts) + "\n")
            sys.stdout.flush()
