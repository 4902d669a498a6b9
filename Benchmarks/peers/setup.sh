#!/bin/sh
# Makes the Python environment of the peer scripts in .venv-peers at the package root, once; later calls return at once.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
environment="$root/.venv-peers"
requirements="$root/Benchmarks/peers/requirements.txt"
python=${PYTHON:-python3}

if [ -f "$environment/requirements.txt" ] && cmp -s "$requirements" "$environment/requirements.txt"; then
    exit 0
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "bench-peers: needs Python 3.10 or newer with venv; install the packages python3 and python3-venv" >&2
    exit 1
fi
"$python" -m venv --clear "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
# Written last: an interrupted installation is started again.
cp "$requirements" "$environment/requirements.txt"
