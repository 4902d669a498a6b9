"""Reads the lines that `run-peers` collected of novelty scores and prints a Markdown table; fails where areas differ."""

import json
import statistics
import sys
from collections import defaultdict

LARGEST_DIFFERENCE = 1e-4


def main():
    peers, own = defaultdict(list), defaultdict(list)
    with open(sys.argv[1]) as lines:
        for line in map(json.loads, lines):
            key = line["name"], line["threads"]
            if line["implementation"] == "pytorch-ood":
                peers[key].append(line)
            else:
                own[*key, line["detail"]].append(line)
    print("| novelty score, 100 classes, D = 512, rows a second | threads | pytorch-ood | Credence | times as fast | AUROC | differs by |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    worst = 0
    for (name, threads), theirs in peers.items():
        ours = own[name, threads, theirs[0]["detail"]]
        ratio = statistics.median(o["rows_per_second"] / p["rows_per_second"] for p, o in zip(theirs, ours, strict=True))
        difference = max(abs(o["value"] - p["value"]) for p, o in zip(theirs, ours, strict=True))
        worst = max(worst, difference)
        print(
            f"| {name.removeprefix('novelty ')} | {threads} | {statistics.median(p['rows_per_second'] for p in theirs):,.0f} "
            f"| {statistics.median(o['rows_per_second'] for o in ours):,.0f} | **{ratio:.1f}** "
            f"| {theirs[0]['value']:.4f} | {difference:.1e} |")
    if worst > LARGEST_DIFFERENCE:
        sys.exit(f"bench-peers: areas under the curve differ by {worst:.1e}, more than {LARGEST_DIFFERENCE:.0e}")


if __name__ == "__main__":
    main()
