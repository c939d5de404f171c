"""What the embedded PostgreSQL is told, and how its log (WAL) is kept and read back."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

# fsync stays on: an acknowledged submit survives a power cut even here. Dynamic shared memory
# is a file of the cluster, so that a killed server leaves nothing in /dev/shm (64 MB in containers).
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "''",
    "unix_socket_directories": "'../run'",  # relative to PGDATA: absolute paths may be too long for a socket
    "unix_socket_permissions": "0700",
    "password_encryption": "'scram-sha-256'",
    "max_connections": "100",
    "shared_buffers": "'128MB'",
    "effective_cache_size": "'1GB'",
    "work_mem": "'8MB'",
    "maintenance_work_mem": "'128MB'",
    "dynamic_shared_memory_type": "mmap",
    "max_wal_size": "'2GB'",
    "archive_mode": "on",  # a change would need a restart; where nothing is archived the command below says done
    "archive_timeout": "'60s'",  # so that any minute can be restored
    "wal_compression": "off",  # pglz, all this build has, takes 150 µs a page; archived files are compressed anyway
    "random_page_cost": "1.1",
    "jit": "off",
    "idle_in_transaction_session_timeout": "'5s'",
    "lc_messages": "'C'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "logging_collector": "on",
    "log_directory": "'../log'",
    "log_filename": "'postgresql-%a.log'",
    "log_rotation_age": "'1d'",
    "log_truncate_on_rotation": "on",
    "log_min_duration_statement": "'1s'",
    "log_lock_waits": "on",
}

# One compressed file a segment, put in place whole. One that is there already was kept before a crash:
# the same bytes are fine, others are a fault that the server reports and that stops nothing else.
_KEEP = (
    'd={folder}; if [ -e "$d/%f.gz" ]; then gzip -dc "$d/%f.gz" | cmp -s - "%p"; else gzip -1 -c "%p" > "$d/.%f.new"'
    ' && sync "$d/.%f.new" && mv "$d/.%f.new" "$d/%f.gz"; fi'
)
_FETCH = 'd={folder}; [ -e "$d/%f.gz" ] && gzip -dc "$d/%f.gz" > "%p"'


def archive_command(folder: Path | None) -> str:
    """`archive_command`, as the configuration file wants it; without a folder every segment counts as kept."""
    return quoted(_KEEP.format(folder=_shell(folder)) if folder else "true")


def restore_command(folder: Path) -> str:
    """`restore_command`, as the configuration file wants it."""
    return quoted(_FETCH.format(folder=_shell(folder)))


def quoted(value: str) -> str:
    """A string of PostgreSQL's configuration files."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _shell(folder: Path) -> str:
    return shlex.quote(str(folder)).replace("%", "%%")
