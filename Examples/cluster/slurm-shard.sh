#!/bin/bash
# One share of a task's rows, as one task of a Slurm job array (slurm-submit.sh submits it): slurm-shard.sh PARTS VERB OPTION…
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#SBATCH --requeue
set -euo pipefail
parts=$1
shift
# A part appears whole or not at all, so a share that was killed and requeued just runs again.
exec "${CREDENCE:-credence}" "$@" --quiet --threads "${SLURM_CPUS_PER_TASK:-1}" \
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --output "$parts/part-$SLURM_ARRAY_TASK_ID"
