#!/bin/bash
# Runs a credence command in shares on one machine, JOBS (2) at a time, and joins the parts:
#
#   parallel.sh SHARES PARTS MERGE_OPTIONS -- VERB OPTION…
#   parallel.sh 4 parts "--output p.csv" -- classify --model m.safetensors --features rows.npy --format csv
set -euo pipefail
[ "$#" -ge 5 ] && [ "$4" = -- ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 64; }
shares=$1 parts=$2 merge=$3
shift 4
credence=${CREDENCE:-credence}
mkdir -p "$parts"
seq 1 "$shares" | xargs -P "${JOBS:-2}" -I {} "$credence" "$@" --quiet --shard "{}/$shares" --output "$parts/part-{}"
# MERGE_OPTIONS are words.
# shellcheck disable=SC2086
seq -f "$parts/part-%.0f" 1 "$shares" | xargs -d '\n' "$credence" merge $merge
