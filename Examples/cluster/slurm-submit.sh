#!/bin/bash
# Runs a credence command in shares on a Slurm cluster and joins the parts:
#
#   slurm-submit.sh SHARES PARTS MERGE_OPTIONS -- VERB OPTION…
#   slurm-submit.sh 64 /shared/parts "--model /shared/m.safetensors" -- \
#       learn --model /shared/m.safetensors --data /shared/data --method rail-primal
#
# PARTS is a folder that all nodes see. The join starts when every share has succeeded.
set -euo pipefail
[ "$#" -ge 5 ] && [ "$4" = -- ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
shares=$1 parts=$2 merge=$3
shift 4
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$parts"
array=$(sbatch --parsable --array="1-$shares" "$here/slurm-shard.sh" "$parts" "$@")
files=$(seq -f "$parts/part-%.0f" -s ' ' 1 "$shares")
sbatch --parsable --dependency="afterok:$array" --wrap "${CREDENCE:-credence} merge $files $merge"
