"""The embedded PostgreSQL: its life, its locks on the door, and what it leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tinhso.cli import postgres_host
from tinhso.cli.embedded_postgres import APP, OWNER, SUPERUSER, Cluster
from tinhso.cli.postgres_host import Unavailable
from tinhso.config.database import reachable

QUICK = {"fsync": "off", "shared_buffers": "'16MB'"}


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def processes_of(cluster: Cluster) -> list[int]:
    return [pid for pid in postgres_host.processes() if postgres_host.works_in(pid, cluster.data)]


def postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def guardians(cluster: Cluster) -> list[int]:
    found = []
    for pid in postgres_host.processes():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"tinhso.cli.embedded_postgres" in command and str(cluster.folder).encode() in command:
            found.append(pid)
    return found


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster as its first start leaves it; tests copy it, because initdb takes a second."""
    first = Cluster(tmp_path_factory.mktemp("pristine") / "postgres", QUICK)
    first.release(first.acquire())
    return first.folder


@pytest.fixture
def cluster(tmp_path: Path, pristine: Path) -> Iterator[Cluster]:
    shutil.copytree(pristine, tmp_path / "postgres")
    made = Cluster(tmp_path / "postgres", QUICK)
    yield made
    until(lambda: not processes_of(made) and not guardians(made))


def holder(cluster: Cluster) -> subprocess.Popen[str]:
    """Another process that holds the cluster until it is told or killed."""
    code = (
        "import sys; from pathlib import Path; from tinhso.cli.embedded_postgres import Cluster\n"
        "with Cluster(Path(sys.argv[1]), dict(fsync='off', shared_buffers=\"'16MB'\")).hold():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(cluster.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def close(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    process.wait(30)


def test_the_application_is_no_superuser_and_owns_nothing(cluster: Cluster) -> None:
    with cluster.hold(), cluster.connect(APP) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole,"
            " (SELECT count(*) FROM pg_class WHERE relowner = r.oid), current_setting('transaction_timeout')"
            " FROM pg_roles r WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, False, False, 0, "5s")


def test_nobody_comes_in_without_the_password_and_nothing_listens_on_the_network(cluster: Cluster) -> None:
    with cluster.hold():
        for role in (SUPERUSER, OWNER, APP):
            guess = cluster.url(role, "postgres").replace(cluster.passwords[role], "guess")
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(guess, host=reachable(str(cluster.run)))
        with cluster.connect(SUPERUSER, "postgres") as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW fsync").fetchone() == ("off",)  # as this test set it
        assert (cluster.folder / "passwords.json").stat().st_mode & 0o777 == 0o600
        for folder in (cluster.folder, cluster.run, cluster.data):
            assert folder.stat().st_mode & 0o777 == 0o700


def test_data_are_there_after_a_stop_and_a_start(cluster: Cluster) -> None:
    with cluster.hold(), cluster.connect(OWNER) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'Buôn Ma Thuột' AS place")
    assert not processes_of(cluster)
    with cluster.hold(), cluster.connect(OWNER) as connection:
        assert connection.execute("SELECT upper(place) FROM kept").fetchone() == ("BUÔN MA THUỘT",)


def test_the_server_stays_while_one_of_two_holders_remains(cluster: Cluster) -> None:
    other = holder(cluster)
    with cluster.hold():
        pid = postmaster(cluster)
    assert postmaster(cluster) == pid
    assert processes_of(cluster)
    close(other)
    until(lambda: not processes_of(cluster))


def test_the_server_stops_when_its_only_holder_is_killed(cluster: Cluster) -> None:
    other = holder(cluster)
    assert processes_of(cluster)
    other.kill()
    close(other)
    until(lambda: not processes_of(cluster) and not guardians(cluster))


def test_a_killed_server_comes_back_with_what_was_committed(cluster: Cluster) -> None:
    with cluster.hold():
        with cluster.connect(OWNER) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        first = postmaster(cluster)
        os.kill(first, signal.SIGKILL)

        def answers() -> bool:
            try:
                with cluster.connect(OWNER) as connection:
                    return connection.execute("SELECT n FROM kept").fetchone() == (7,)
            except psycopg.OperationalError:
                return False

        until(answers)
        assert postmaster(cluster) != first


def test_a_killed_guardian_is_replaced_by_the_next_who_looks(cluster: Cluster) -> None:
    with cluster.hold():
        (guardian,) = guardians(cluster)
        os.kill(guardian, signal.SIGKILL)
        until(lambda: not guardians(cluster))

        def replaced() -> bool:  # the dying process may hold its lock a moment longer than its name
            cluster.ensure()
            return len(guardians(cluster)) == 1

        until(replaced)


def test_a_stale_number_of_somebody_elses_process_does_not_prevent_the_start(cluster: Cluster) -> None:
    with cluster.hold():
        pass
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    with cluster.hold(), cluster.connect(APP) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_first_start_that_was_cut_short_is_made_again(cluster: Cluster) -> None:
    shutil.rmtree(cluster.data)
    (cluster.folder / "data.new" / "base").mkdir(parents=True)
    (cluster.folder / "data.new" / "PG_VERSION").write_text("18\n")
    with cluster.hold(), cluster.connect(APP) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    deep = tmp_path / ("dài" * 30) / ("n" * 60)
    deep.mkdir(parents=True)
    long = Cluster(deep / "postgres", QUICK)
    assert len(os.fsencode(long.run)) > 107
    with long.hold(), long.connect(APP) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    until(lambda: not processes_of(long) and not guardians(long))


def test_processes_starting_at_once_make_one_server(cluster: Cluster) -> None:
    code = (
        "import sys; from pathlib import Path; from tinhso.cli.embedded_postgres import Cluster\n"
        "with Cluster(Path(sys.argv[1]), dict(fsync='off', shared_buffers=\"'16MB'\")).hold() as c:\n"
        "    print((c.data / 'postmaster.pid').read_text().split()[0], flush=True); sys.stdin.read()"
    )
    many = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(cluster.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(4)
    ]  # fmt: skip
    numbers = {process.stdout.readline() for process in many if process.stdout}
    assert len(numbers) == 1
    assert len(guardians(cluster)) == 1
    for process in many:
        close(process)
        assert process.returncode == 0


def test_a_cluster_in_use_is_not_deleted(cluster: Cluster) -> None:
    with cluster.hold():
        assert not cluster.delete()
        with cluster.connect(APP) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    until(lambda: not guardians(cluster))
    assert cluster.delete()
    assert not cluster.folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a way not to be root")
class TestAsRoot:
    def test_without_namespaces_the_server_runs_as_nobody_and_changes_nothing_above_it(
        self, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "bin").mkdir()
        refusing = tmp_path / "bin" / "unshare"
        refusing.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")
        refusing.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        before = [(path, path.stat().st_mode, path.stat().st_uid) for path in cluster.folder.parents]
        with cluster.hold(), cluster.connect(APP) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            status = Path(f"/proc/{postmaster(cluster)}/status").read_text()
            assert "Uid:\t65534\t65534\t65534\t65534" in status
        assert before == [(path, path.stat().st_mode, path.stat().st_uid) for path in cluster.folder.parents]
        monkeypatch.undo()
        with cluster.hold(), cluster.connect(APP) as connection:  # and back, once namespaces are allowed
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert cluster.data.stat().st_uid == 0

    def test_with_no_way_at_all_it_refuses_and_says_what_to_do(
        self, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(
            Unavailable, match=r"(?s)unshare is not installed.*setpriv.*ordinary user, or set DATABASE_URL"
        ):
            cluster.acquire()
