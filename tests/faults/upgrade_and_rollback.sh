#!/bin/bash
# Shows what issue 3 §4.6 asks, by hand:  tests/faults/upgrade_and_rollback.sh [OLD [NEW]]
#
# Code and data as they stood at OLD (default: the end of issue 2), in a folder and a virtual environment
# of its own; upgraded to NEW (default: HEAD) in another; looked at; rolled back; looked at again with the old code.
# Everything happens under .build/faults and is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."
source=$PWD
commit=${1:-$(git rev-list -1 --before="2026-11-22 07:31 +0000" main)}
new=${2:-HEAD}
area=$source/.build/faults/upgrade
export DATA_DIR=$area/data PORT=8790
unset DATABASE_URL DATABASE_OWNER_URL DJANGO_SETTINGS_MODULE PYTHONPATH
rm -rf "$area"; mkdir -p "$area"
trap 'stop; rm -rf "$area"' EXIT
running=
fail() { echo "FAILED: $*" >&2; exit 1; }
stop() { [ -z "$running" ] || { kill -TERM -- "-$running" 2>/dev/null || true; wait "$running" 2>/dev/null || true; }; running=; }
# The last command leaves the embedded PostgreSQL to its guardian, which stops it a moment later: not while folders move.
settled() { for _ in $(seq 1 300); do [ -e "$DATA_DIR/postgres/data/postmaster.pid" ] || return 0; sleep 0.2; done; fail "PostgreSQL does not stop"; }

install() { # name, commit
  mkdir "$area/$1"
  git archive "$2" | tar -x -C "$area/$1"
  make -C "$area/$1" .venv/.run frontend messages >"$area/$1.log" 2>&1 || { tail -20 "$area/$1.log"; fail "$1 does not install"; }
}
tinhso() { local which=$1; shift; "$area/$which/.venv/bin/python" -m tinhso.cli "$@"; }

# What people put in: dossiers, persons, numbers, files on disk, and the whole ledger, by digest.
state() { # which code
  "$area/$1/.venv/bin/python" - <<'PYTHON'
import hashlib, os
from pathlib import Path
from tinhso.cli.embedded_postgres import SUPERUSER, embedded
data = Path(os.environ["DATA_DIR"])
with embedded(data).hold() as cluster, cluster.connect(SUPERUSER) as connection:
    for what, query in {
        "dossiers": "SELECT id, code, state, applicant_name, answers::text, due_at FROM dossiers_dossier ORDER BY id",
        "persons": "SELECT id, full_name, id_hash FROM accounts_person ORDER BY id",
        "numbers": "SELECT id, value, state FROM numbering_number ORDER BY id",
        "ledger": "SELECT p.position, e.payload FROM ledger_position p JOIN ledger_entry e ON e.id = p.entry_id"
                  " WHERE e.event <> 'ledger.restored' ORDER BY position",
    }.items():
        rows = connection.execute(query).fetchall()
        print(what, len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()[:16])
files = sorted(p for p in (data / "files").rglob("*") if p.is_file())
print("files", len(files), hashlib.sha256("".join(p.name + hashlib.sha256(p.read_bytes()).hexdigest() for p in files).encode()).hexdigest()[:16])
PYTHON
}
serves() { # which code
  setsid "$area/$1/.venv/bin/python" -m tinhso.cli up >"$area/up.log" 2>&1 &
  running=$!
  for _ in $(seq 1 900); do
    code=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PORT/health" || true)
    [ "$code" = 200 ] && break
    kill -0 "$running" 2>/dev/null || break
    sleep 0.2
  done
  [ "$code" = 200 ] || { tail -30 "$area/up.log"; fail "$1 does not serve"; }
  curl -sf "http://127.0.0.1:$PORT/" >/dev/null || fail "the home page of $1 does not open"
  stop
}

echo "== $(git log -1 --format='%h %s' "$commit")  →  $(git log -1 --format='%h %s' "$new")"
install old "$commit"; install new "$new"
tinhso old migrate >"$area/log"; tinhso old demo >>"$area/log" 2>&1
serves old
tinhso old ledger verify 2>/dev/null
state old >"$area/before"; cat "$area/before"

echo "== upgrade"
tinhso new upgrade --backup "$area/backups" 2>/dev/null || fail "the upgrade"
tinhso new check
state new >"$area/after"
diff "$area/before" "$area/after" || fail "the upgrade changed what people put in"
settled
mv "$DATA_DIR" "$area/set-aside"; cp -r "$area/set-aside" "$DATA_DIR" # what the new code does while it serves is not to count
serves new
settled
rm -rf "$DATA_DIR"; mv "$area/set-aside" "$DATA_DIR"

echo "== rollback"
tinhso new rollback 2>/dev/null || fail "the rollback"
tinhso old check
tinhso old ledger verify 2>/dev/null
state old >"$area/back"
diff "$area/before" "$area/back" || fail "the rollback changed what people put in"
serves old
echo "== data intact after upgrade and rollback"
