#!/bin/bash
# Shows what issue 2 §4.1 asks, by hand and as root:  tests/faults/clean_clone.sh [--no-tests]
#
# A clean clone, as root and as an ordinary user, in a 0700 folder, with a PATH that has neither Node
# nor PostgreSQL: `make run` serves within 180 s, the second start within 20 s, `make test` passes, both
# twice; and afterwards nothing outside the clone has changed but the caches of package managers.
# USERS=root or USERS=tinhso-clean does one of the two.
set -euo pipefail
[ "$(id -u)" -eq 0 ] || { echo "run it as root: it also acts as another user" >&2; exit 2; }
tests=yes; [ "${1-}" = --no-tests ] && tests=no
source=$(cd "$(dirname "$0")/../.." && pwd)
area=$(mktemp -d /var/tmp/clean-clone.XXXXXX)
python=${PYTHON:-/usr/bin/python3} # one that the other user can run too
port=8760
first=${FIRST:-180} second=${SECOND:-20} # seconds allowed
failed=0

cleanup() { rm -rf "$area"; if id tinhso-clean >/dev/null 2>&1; then userdel tinhso-clean; fi; }
trap cleanup EXIT
chmod 711 "$area"
fail() { echo "FAILED: $*"; failed=1; }

# A folder of links to what a plain machine has, less Node and PostgreSQL.
mkdir "$area/bin"
for folder in /usr/local/bin /usr/bin /bin /usr/sbin /sbin; do
  for program in "$folder"/*; do
    name=$(basename "$program")
    case $name in
      node* | npm* | npx* | corepack* | psql* | postgres* | pg_* | initdb* | createdb* | python3*) continue ;;
    esac
    [ -e "$area/bin/$name" ] || ln -s "$program" "$area/bin/$name" 2>/dev/null || true
  done
done
ln -s "$python" "$area/bin/python3"

# Files with owner, mode and time; users; groups; sockets. Clones, caches and what the kernel makes are left out.
listing() {
  find / -xdev \( -path "$area" -o -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp/bash_jobs* \
    -o -path '*/.cache' -o -path '*/.npm' -o -path "$source" -o -path /var/log -o -path '*/__pycache__' \) -prune \
    -o -type d -printf '%p %u:%g %m d\n' -o -printf '%p %u:%g %m %y %T@\n' 2>/dev/null | LC_ALL=C sort -T "$area"
  echo "--- users"; cat /etc/passwd /etc/group /etc/shadow
  echo "--- shared memory"; ls -A /dev/shm
}

serve() { # user, clone, seconds allowed
  local user=$1 clone=$2 allowed=$3 log="$area/run.log" started pid code=000
  started=$(date +%s)
  : > "$log"; chmod 666 "$log"
  setsid bash -c 'as "$@"' as "$user" make -C "$clone" run PORT=$port >"$log" 2>&1 &
  pid=$!
  while [ $(($(date +%s) - started)) -le "$allowed" ]; do
    code=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/health" || true)
    [ "$code" = 200 ] && break
    kill -0 $pid 2>/dev/null || break
    sleep 0.5
  done
  if [ "$code" = 200 ]; then
    echo "  serves after $(($(date +%s) - started)) s (allowed: $allowed)"
    curl -sf "http://127.0.0.1:$port/" >/dev/null || fail "the home page does not open"
    if ss -ltnH 2>/dev/null | grep -q ':5432 '; then fail "PostgreSQL listens on TCP"; fi
  else
    fail "no answer within $allowed s:"; tail -30 "$log"
  fi
  kill -TERM -- "-$pid" 2>/dev/null || true # not INT, which a script's background jobs are born deaf to
  for _ in $(seq 1 150); do # every process of the clone ends with it
    pgrep -f "$clone" >/dev/null || break
    sleep 0.2
  done
  if pgrep -af "$clone"; then fail "processes are left"; pkill -KILL -f "$clone" || true; fi
  wait $pid 2>/dev/null || true
}

as() { # user, command…
  local user=$1; shift
  setpriv --reuid "$user" --regid "$user" --init-groups env -u DATA_DIR -u DATABASE_URL -u DJANGO_SETTINGS_MODULE \
    HOME="$(getent passwd "$user" | cut -d: -f6)" USER="$user" LANG=C.UTF-8 PATH="$area/bin" "$@"
}
export -f as
export area

round() { # user, folder
  local user=$1 clone=$2/tinh
  echo "== $user in $2 ($(stat -c %a "$2"))"
  git clone --quiet --no-hardlinks --bare "$source" "$2.git" # git gives nobody another one's repository
  chown -R "$user" "$2.git"
  as "$user" git clone --quiet --no-hardlinks "$2.git" "$clone"
  as "$user" make -C "$clone" dev frontend >"$area/warm.log" 2>&1 || fail "set-up: $(tail -20 "$area/warm.log")"
  rm -rf "$clone" # package caches are warm now
  as "$user" git clone --quiet --no-hardlinks "$2.git" "$clone"
  serve "$user" "$clone" "$first"
  serve "$user" "$clone" "$second"
  if [ $tests = yes ]; then
    for time in first second; do
      if as "$user" make -C "$clone" test >"$area/test.log" 2>&1; then
        echo "  make test, $time time: $(grep -E ' passed' "$area/test.log" | tr '\n' ' ')"
      else
        fail "make test, $time time:"; tail -40 "$area/test.log"
      fi
    done
  fi
  if [ -n "$(as "$user" git -C "$clone" status --porcelain)" ]; then
    fail "the clone's own files changed:"; as "$user" git -C "$clone" status --porcelain
  fi
}

useradd --system --no-create-home --home-dir "$area/home" --shell /bin/sh tinhso-clean
install -d -o tinhso-clean -g tinhso-clean -m 700 "$area/home" "$area/home/private"
install -d -m 700 "$area/root"

listing >"$area/before"
for user in ${USERS:-root tinhso-clean}; do
  if [ "$user" = root ]; then round root "$area/root"; else round "$user" "$area/home/private"; fi
done
listing >"$area/after"
# On a machine where others work too, EXCEPT='regex of their files' leaves those out.
if diff <(grep -vE "${EXCEPT:-^$}" "$area/before") <(grep -vE "${EXCEPT:-^$}" "$area/after") >"$area/changes"; then
  echo "== nothing outside the clones has changed"
else
  fail "changed outside the clones:"; head -50 "$area/changes"
fi
exit $failed
