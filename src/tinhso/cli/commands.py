"""What `tinhso` can be told, and how it answers: 0 done, 1 something is wrong, 2 it could not start."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from runpy import run_module

from pydantic import ValidationError

from . import anonymise, dossiers, operations, safety, seal, simulate
from .install import Stop, configured, install, publish, start_django
from .parts import PARENT, follow_parent
from .postgres_host import Unavailable

Command = Callable[[argparse.Namespace], int]


def run(argv: Sequence[str] | None = None) -> int:
    """Parse and run one command; returns its exit code."""
    arguments = parser().parse_args(argv)
    if parent := os.environ.pop(PARENT, ""):
        follow_parent(int(parent))
    try:
        command: Command = arguments.run
        return command(arguments)
    except (Stop, Unavailable) as refusal:
        print(f"tinhso: {refusal}", file=sys.stderr)
        return 2
    except ValidationError as error:
        print("tinhso: the configuration cannot be read:", file=sys.stderr)
        for fault in error.errors():
            print(f"  - {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(
        prog="tinhso",
        description="A Vietnamese province's digital government on one install.",
        epilog="Configuration comes from the environment and from DATA_DIR/tinhso.env "
        "(docs/guide/configuration.md). Exit codes: 0 done, 1 something is wrong, 2 could not start.",
    )
    root.add_argument("--version", action="version", version=f"tinhso {_version()}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, function: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=function)
        return command

    add("up", _up, "run everything: database, web, live pages, worker; restart what dies; Ctrl-C stops it all")
    add("web", _part, "serve pages and API").set_defaults(part="web")
    add("live", _part, "serve live pages (SSE), on PORT + 1").set_defaults(part="live")
    add("worker", _part, "run jobs and the ledger's own work").set_defaults(part="worker")
    simulator = add("simulator", _simulator, "stand in for a remote system, by its own protocol")
    simulator.add_argument("name", help="a package of tinhso.simulators, such as vneid")
    text = "sign with the USB token in this PC, for the pages of a province"
    agent = commands.add_parser("agent", help=text, prefix_chars="\0", add_help=False)  # its options are its own
    agent.add_argument("options", nargs=argparse.REMAINDER)
    agent.set_defaults(run=_agent)
    add("migrate", _migrate, "bring the database up to date, then give the application its rights")
    add("demo", _demo, "fill a demo province; a second run changes nothing")
    ledger = add("ledger", _verify, "the record of what happened").add_subparsers(metavar="COMMAND", required=True)
    verify = ledger.add_parser("verify", help="find any altered, missing, reordered or cut-off entry and name it")
    verify.add_argument("--against", type=Path, metavar="ROOTS", help="roots kept elsewhere, to find a cut-off end")
    verify.set_defaults(run=_verify)
    simulate.add_arguments(add("simulate", simulate.simulate, "make a province's year happen, and check it"))
    procedures = add("procedures", _procedures, "the catalogue of procedures")
    imports = procedures.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "import", help="read rows of the national database; exit code 2: some rows were bad, the others landed"
    )
    imports.add_argument("file", type=Path, help="JSON lines, one procedure a line")
    imports.set_defaults(run=_procedures)
    anonymise.add_arguments(add("anonymise", anonymise.anonymise, "make a copy of the install without personal data"))
    dossiers.add_arguments(add("dossiers", dossiers.take_over, "open dossiers of another system"))
    seal.add_arguments(add("seal", seal.seal, "let an agency seal by a key in an HSM (SEAL_HSM)"))
    check = add("check", _check, "say what is unsafe or out of order in this install")
    check.add_argument("--files", action="store_true", help="also look whether every stored file is there, by name")
    operations.add_to(add)
    add("configuration", _configuration, "print the guide to every setting")
    add("reset", _reset, "forget everything: delete the data of this install")
    add("compile-messages", _compile_messages, "compile the translations")
    add("makemessages-check", _check_messages, "name texts that have no Vietnamese translation")
    return root


def _version() -> str:
    try:
        return version("tinhso")
    except PackageNotFoundError:
        return "(not installed)"


def _up(arguments: argparse.Namespace) -> int:
    from .up import up

    up()
    return 0


def _part(arguments: argparse.Namespace) -> int:
    from . import parts

    with install() as config:
        publish(config)
        if arguments.part == "worker":
            start_django(config)
        getattr(parts, arguments.part)(config)
    return 0


def _simulator(arguments: argparse.Namespace) -> int:
    os.environ["DATA_DIR"] = str(configured().data_dir)
    module = f"tinhso.simulators.{arguments.name}"
    if not arguments.name.isidentifier() or find_spec(module) is None:
        raise Stop(f"There is no simulator named {arguments.name}.")
    sys.argv = [module]
    run_module(module, run_name="__main__")
    return 0


def _agent(arguments: argparse.Namespace) -> int:
    from tinhso.agent.main import main

    return main(arguments.options)


def _migrate(arguments: argparse.Namespace) -> int:
    from tinhso.config.database import parse_url

    from .migration import migrate

    with install(restoring=True) as config:  # a restore of older data may need it before it can go on
        start_django(config, owner=True)
        migrate(parse_url(config.database_url)["USER"])
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from .demo import load

    with install() as config:
        if not config.demo:
            raise Stop("Demo data are not for production. Set TINHSO_MODE=demo on another install.")
        start_django(config)
        load(config, lambda line: print(line, flush=True))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    with install() as config:
        start_django(config)
        from tinhso.core.ledger import restored, witnesses
        from tinhso.core.ledger.verify import verify

        def progress(log: str, done: int) -> None:
            print(f"{log}: {done} entries read", file=sys.stderr, flush=True)

        findings: list[object] = [*verify(arguments.against, progress), *witnesses.findings()]
        declared = restored.gaps()
    for gap in declared:
        print(f"declared: {gap}")
    for finding in findings:
        print(finding)
    print("The ledger is whole." if not findings else f"{len(findings)} findings.")
    return 1 if findings else 0


def _procedures(arguments: argparse.Namespace) -> int:
    from .procedures import run

    return run(arguments)


def _check(arguments: argparse.Namespace) -> int:
    config = configured()
    faults = safety.unsafe_settings(config)
    required = not config.demo
    for fault in faults:
        print(f"{'unsafe' if required else 'not for production'}: {fault}")
    if required and faults:
        return 1
    with install() as config:
        start_django(config)
        broken = list(safety.database_faults(config))
        waiting = [] if broken else [f"seal: {fault}" for fault in seal.faults()]
        if arguments.files and not broken:
            waiting += safety.missing_files()
    for fault in broken:
        print(f"database: {fault}")
    if not broken:
        print("The database is reachable and in order.")
    for fault in waiting:
        print(fault)
    return 1 if broken or waiting else 0


def _configuration(arguments: argparse.Namespace) -> int:
    from .configuration import markdown

    print(markdown(), end="")
    return 0


def _reset(arguments: argparse.Namespace) -> int:
    from .embedded_postgres import embedded

    config = configured()
    if config.database_url or not config.demo:
        raise Stop("Only the data of a demo install with the embedded database are deleted by this command.")
    if not embedded(config.data_dir).folder.exists():  # not an install of ours: whatever is there, we leave it
        print(f"There is nothing to forget in {config.data_dir}.")
        return 0
    if not embedded(config.data_dir).delete():
        raise Stop(f"The install in {config.data_dir} is running. Stop it first.")
    for path in config.data_dir.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    print(f"{config.data_dir} is empty.")
    return 0


def _compile_messages(arguments: argparse.Namespace) -> int:
    from .translations import compile_messages

    print(f"{compile_messages()} catalogues compiled.")
    return 0


def _check_messages(arguments: argparse.Namespace) -> int:
    from .translations import faults

    found = list(faults())
    for fault in found:
        print(fault)
    return 1 if found else 0
