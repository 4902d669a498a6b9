"""Reads the lines that `run-peers` collected of exemplar selection and prints a Markdown table; fails where rows differ."""

import json
import statistics
import sys
from collections import defaultdict

# The peer's name, ours, and whether both must choose the same rows.
PAIRS = [
    ("herding, loop", "herding", True), ("herding, vectorised", "herding", True), ("herding, product", "herding", True),
    ("k-center", "k-center", False), ("k-means++", "k-means++", False), ("facility-location", "facility-location", True),
]


def main():
    lines = defaultdict(list)
    with open(sys.argv[1]) as file:
        for line in map(json.loads, file):
            lines[line["implementation"], line["name"].removeprefix("selection "), line["threads"]].append(line)
    print("| 20 of 5,000 rows, D = 512, milliseconds a class | threads | peer | Credence | times as fast |")
    print("| --- | ---: | ---: | ---: | ---: |")
    different = []
    for peer, own, same in PAIRS:
        for threads in sorted({key[2] for key in lines if key[1] == peer}):
            theirs, ours = lines["peer", peer, threads], lines["Credence", own, threads]
            ratio = statistics.median(p["seconds"] / o["seconds"] for p, o in zip(theirs, ours, strict=True))
            print(
                f"| {peer} | {threads} | {1000 * statistics.median(p['seconds'] for p in theirs):.1f} "
                f"| {1000 * statistics.median(o['seconds'] for o in ours):.1f} | **{ratio:.1f}** |")
            if same and any(p["chosen"] != o["chosen"] for p, o in zip(theirs, ours)):
                different.append(peer)
    if different:
        sys.exit(f"bench-peers: other rows chosen by {', '.join(different)}")


if __name__ == "__main__":
    main()
