"""Machine profiles with mistakes of any kind: what they ask for, or one message, never a traceback."""

from __future__ import annotations

import random
import string
import time
from pathlib import Path

import pytest

from azibflow.errors import ProfileError
from azibflow.hpc.batch_script import batch_script, resource_options
from azibflow.hpc.profiles import load_profile

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "profiles").glob("*.yaml"))
VALUES = (
    *("null", "''", "[]", "{}", "-1", "0", "1e400", ".nan", ".inf", "true", "2001-02-03", "04:00:00", "'0:0:0'"),
    *("&a [*a]", "*missing", "!!python/object:os.system x", "!!binary aGk=", "? [a, b]\n: c", "<<: {cpus: 2}"),
    *("\t", '"\\x00"', '"\\n#SBATCH --wrap=reboot"', "'; reboot'", "$(reboot)", "\u2028", "\ufeff", "| \n x"),
    *("<<: [1]", "9" * 400, "[" * 50, "{a: " * 50),
)
PATIENCE = 10.0


def mutated(text: str, chance: random.Random) -> str:
    """Change a profile as people, editors and disks do."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        lines = text.split("\n")
        number = chance.randrange(len(lines))
        line = lines[number]
        place = chance.randrange(len(line) + 1)
        key, colon, _ = line.partition(":")
        lines[number] = chance.choice(
            [
                f"{key}{colon} {chance.choice(VALUES)}",
                line[:place] + chance.choice(VALUES) + line[place:],
                line[:place] + chance.choice(string.printable) + line[place:],
                line[:place] + line[place + 1 :],
                " " * chance.randrange(5) + line.lstrip(),
                f"{line}\n{line}",
                "",
                lines[chance.randrange(len(lines))],
            ]
        )
        text = "\n".join(lines)
    return text


def mistakes(folder: Path, seeds: range) -> list[str]:
    """Read mutated profiles, one per seed; return what was done wrong."""
    path, wrong = folder / "machine.yaml", []
    for seed in seeds:
        chance = random.Random(seed)
        text = mutated(chance.choice(EXAMPLES).read_text(encoding="utf-8"), chance)
        path.write_text(text, encoding="utf-8", errors="replace")
        since = time.monotonic()
        try:
            profile = load_profile(str(path))
            for kind in (*profile.work, "other"):
                resources = profile.resources({"kind": kind})
                script = batch_script(profile, resources, "name", "command")
                asked = [line for line in script.split("\n") if line.startswith("#SBATCH")]
                if len(asked) != 4 + len(resource_options(resources)) and not resources.prologue:
                    wrong.append(f"{seed}: other directives: {asked}")
        except ProfileError as error:
            if "machine.yaml" not in str(error):
                wrong.append(f"{seed}: names no file: {error}")
        except Exception as error:  # a traceback, for whoever uses the command
            wrong.append(f"{seed}: {type(error).__name__}: {error}")
        if time.monotonic() - since > PATIENCE:
            wrong.append(f"{seed}: took {time.monotonic() - since:.0f} s")
    return wrong


def test_mutated_profiles(tmp_path: Path) -> None:
    assert not mistakes(tmp_path, range(300))


@pytest.mark.slow
def test_many_mutated_profiles(tmp_path: Path) -> None:
    assert not mistakes(tmp_path, range(300, 10300))
