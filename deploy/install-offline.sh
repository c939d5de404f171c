#!/bin/sh
# Installs Tỉnh Số from this folder alone, without any network:  ./install-offline.sh /opt/tinhso [PYTHON]
#
# `make wheels` made the folder for one kind of machine and one Python version; every wheel is checked against
# the hash that the lock gives it. Run it again with the folder of a newer version to upgrade in place
# (stop the services before, and run `tinhso upgrade` after; see docs/guide/operations.md).
set -eu
[ $# -ge 1 ] || { echo "usage: $0 FOLDER [PYTHON]" >&2; exit 2; }
case $1 in /*) target=$1 ;; *) target=$PWD/$1 ;; esac
python=${2:-python3}
cd "$(dirname "$0")"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed." >&2; exit 2; }
[ -x "$target/bin/python" ] || "$python" -m venv "$target"
install() {
  "$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
    --no-index --find-links . --require-hashes --requirement "$@"
}
install requirements.txt
# pip leaves alone what has the same version, and the product may have changed without a new one.
grep '^\./tinhso-' requirements.txt | install /dev/stdin --force-reinstall --no-deps
echo "Installed: $("$target/bin/tinhso" --version) in $target"
