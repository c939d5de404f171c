#!/bin/bash
# Shows what issue 3 §4.6 asks, by hand:  tests/faults/offline_install.sh
#
# `make wheels`, then in a network namespace without any route: install from that folder with a cold cache,
# migrate, start, open a page with its styles, stop; then install over it from a folder whose product changed
# under the same version, and find the new code. Everything happens under .build/faults.
set -euo pipefail
cd "$(dirname "$0")/../.."
area=$PWD/.build/faults/offline
rm -rf "$area"; mkdir -p "$area"
trap 'rm -rf "$area"' EXIT
make wheels

cat >"$area/inside.sh" <<'INSIDE'
set -euo pipefail
area=$1 folder=$2
ip link set lo up
[ -z "$(ip route show table all | grep -v ' lo ' || true)" ] || { echo "FAILED: there is a route"; exit 1; }
python3 -c 'import socket; socket.create_connection(("1.1.1.1", 443), 3)' 2>/dev/null && { echo "FAILED: the network answers"; exit 1; }
export HOME=$area/home DATA_DIR=$area/data PORT=8791
unset DATABASE_URL DATABASE_OWNER_URL DJANGO_SETTINGS_MODULE PYTHONPATH
mkdir "$HOME"
"$folder/install-offline.sh" "$area/tinhso" "${PYTHON:-python3}"
cd /
"$area/tinhso/bin/tinhso" up >"$area/up.log" 2>&1 &
pid=$!
trap 'kill -TERM $pid 2>/dev/null && wait $pid' EXIT # what failed leaves nothing running
for _ in $(seq 1 900); do
  code=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PORT/health" || true)
  [ "$code" = 200 ] && break
  kill -0 $pid 2>/dev/null || break
  sleep 0.2
done
[ "$code" = 200 ] || { tail -30 "$area/up.log"; echo "FAILED: it does not serve"; exit 1; }
page=$(curl -sf "http://127.0.0.1:$PORT/")
style=$(grep -o '/static/[^"]*\.css' <<<"$page" | head -1)
curl -sf "http://127.0.0.1:$PORT$style" | grep -q -- '--' || { echo "FAILED: no styles"; exit 1; }
grep -q 'lang="vi"' <<<"$page" || { echo "FAILED: the page is not Vietnamese"; exit 1; }
kill -TERM $pid; wait $pid || true

cp -r "$folder" "$area/newer"
python3 - "$area"/newer/tinhso-*.whl "$area/newer/requirements.txt" <<'PYTHON'
import hashlib, sys, zipfile
from pathlib import Path
wheel, requirements = map(Path, sys.argv[1:])
with zipfile.ZipFile(wheel) as old:
    parts = {one: old.read(one) for one in old.namelist()}
parts["tinhso/__init__.py"] += b"\nCHANGED = True\n"
before = hashlib.sha256(wheel.read_bytes()).hexdigest()
with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as new:
    for name, data in parts.items():
        new.writestr(name, data)
text = requirements.read_text()
assert before in text
requirements.write_text(text.replace(before, hashlib.sha256(wheel.read_bytes()).hexdigest()))
PYTHON
"$area/newer/install-offline.sh" "$area/tinhso" "${PYTHON:-python3}"
"$area/tinhso/bin/python" -c 'import tinhso; tinhso.CHANGED' || { echo "FAILED: the old code is still there"; exit 1; }
echo "== installed, migrated and served without any route; first page with $style; upgraded in place"
INSIDE
map=(); [ "$(id -u)" -eq 0 ] || map=(--map-root-user --user)
unshare "${map[@]}" --net bash "$area/inside.sh" "$area" "$PWD/dist/offline"
