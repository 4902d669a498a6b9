#!/usr/bin/env python3
"""Runs a credence command in shares on a Spark cluster and joins the parts on the driver.

    spark-submit spark_shards.py --shards 64 --parts /shared/parts --merge-model /shared/m.safetensors -- \\
        learn --model /shared/m.safetensors --data /shared/data --method rail-primal
    spark-submit spark_shards.py --shards 64 --parts /shared/parts --merge-output /shared/p.csv -- \\
        classify --model /shared/m.safetensors --features /shared/rows.npy --format csv

A Spark task runs the credence binary for one share; Spark tries a failed one again, which is safe: a part appears whole or not
at all. Executors and driver need the binary and a folder that all see. Parts of classify and novelty score are ordinary tables
(spark.read.csv takes them as they are); joining them is only needed for one file.
"""
import argparse
import os
import subprocess
import sys

from pyspark.sql import SparkSession


def run_share(credence, command, index, count, parts):
    """Runs on an executor; returns the path of the part."""
    part = os.path.join(parts, f"part-{index}")
    done = subprocess.run(
        [credence, *command, "--quiet", "--shard", f"{index}/{count}", "--output", part],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"share {index}/{count} ended with {done.returncode}: {done.stderr.strip()}")
    return part


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", type=int, required=True)
    parser.add_argument("--parts", required=True, help="folder for the parts, seen by all machines")
    parser.add_argument("--merge-model", help="model that the parts are merged into")
    parser.add_argument("--merge-output", help="file that the merged result is written to")
    parser.add_argument("--credence", default=os.environ.get("CREDENCE", "credence"), help="the binary on all machines")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- and the credence command")
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command or options.shards < 1 or not (options.merge_model or options.merge_output):
        parser.error("needs --shards of 1 or more, --merge-model or --merge-output, and -- with a command")
    os.makedirs(options.parts, exist_ok=True)

    spark = SparkSession.builder.appName("credence").getOrCreate()
    try:
        credence, count, folder = options.credence, options.shards, options.parts
        shares = spark.sparkContext.parallelize(range(1, count + 1), count)
        parts = shares.map(lambda index: run_share(credence, command, index, count, folder)).collect()
    finally:
        spark.stop()
    merge = [credence, "merge", *parts]
    if options.merge_model:
        merge += ["--model", options.merge_model]
    if options.merge_output:
        merge += ["--output", options.merge_output]
    return subprocess.run(merge, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
