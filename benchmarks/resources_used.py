"""Runs a program and writes what it used, so that a code can be measured through the command that starts it.

    python benchmarks/resources_used.py FILE PROGRAM [WORD ...]

FILE gets processor time (s) and largest resident memory (MB) of the program and of those that it started.
"""

import json
import os
import sys
from pathlib import Path


def main(file: str, program: str, *words: str) -> int:
    """Run it; returns its exit status."""
    process = os.posix_spawnp(program, [program, *words], os.environ)
    _, status, used = os.wait4(process, 0)
    found = {"seconds": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}
    Path(file).write_text(json.dumps(found), encoding="utf-8")
    return os.waitstatus_to_exitcode(status) % 256


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
