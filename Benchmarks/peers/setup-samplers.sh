#!/bin/sh
# Adds NumPyro to the environment that setup.sh has made, once; fails where pip cannot install it.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
environment="$root/.venv-peers"
requirements="$root/Benchmarks/peers/requirements-samplers.txt"

if [ -f "$environment/requirements-samplers.txt" ] && cmp -s "$requirements" "$environment/requirements-samplers.txt"; then
    exit 0
fi
"$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
cp "$requirements" "$environment/requirements-samplers.txt"
