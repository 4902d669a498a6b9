"""Reads the lines that `run-peers` collected and prints a Markdown table of medians and of the median ratio per round."""

import json
import statistics
import sys
from collections import defaultdict

# Peer's measurement, Credence's measurement, what the row says.
PREDICTION = [
    ("prediction with attention", "prediction in closed form", "published way; closed form, mean field"),
    ("prediction from posteriors", "prediction in closed form", "20 samples of given posteriors; closed form, mean field"),
    ("rows to all columns, drawn once", "rows to all columns", "F16 file to all columns: 20 samples, drawn once; exact"),
    ("rows to all columns, drawn for each 2048", "rows to all columns", "the same, drawn for each 2,048 rows; exact"),
    ("rows to all columns, drawn for each 32", "rows to all columns", "the same, drawn for each 32 rows; exact"),
    ("prediction with attention", "prediction with attention", "published way; published way"),
]


def main():
    rounds = defaultdict(list)
    with open(sys.argv[1]) as lines:
        for line in map(json.loads, lines):
            rounds[line["implementation"], line["name"], line["classes"], line["threads"]].append(line)

    def values(implementation, name, classes, threads, field):
        return [line[field] for line in rounds[implementation, name, classes, threads]]

    print("| Training step, batch 32, 20 samples | threads | PyTorch | Credence | times as fast | product peak |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for _, name, classes, threads in sorted(key for key in rounds if key[:2] == ("Credence", "training step")):
        peer = values("PyTorch", name, classes, threads, "seconds")
        own = values("Credence", name, classes, threads, "seconds")
        share = statistics.median(values("Credence", name, classes, threads, "peak_share"))
        ratio = statistics.median(p / o for p, o in zip(peer, own, strict=True))
        print(
            f"| {classes} classes | {threads} | {statistics.median(peer) * 1000:.1f} ms "
            f"| {statistics.median(own) * 1000:.1f} ms | **{ratio:.2f}** | {share:.0%} |")

    print("\n| Prediction, 100 classes, rows per second: PyTorch; Credence | threads | PyTorch | Credence | times as fast |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for peer_name, own_name, text in PREDICTION:
        for threads in sorted({key[3] for key in rounds}):
            peer = values("PyTorch", peer_name, 100, threads, "rows_per_second")
            own = values("Credence", own_name, 100, threads, "rows_per_second")
            ratio = statistics.median(o / p for p, o in zip(peer, own, strict=True))
            print(
                f"| {text} | {threads} | {statistics.median(peer):,.0f} | {statistics.median(own):,.0f} "
                f"| **{ratio:.1f}** |")


if __name__ == "__main__":
    main()
