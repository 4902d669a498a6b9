"""Reads the lines that `run-peers` collected of NUTS and prints a Markdown table of the medians over the rounds."""

import json
import statistics
import sys
from collections import defaultdict


def main():
    rates, methods = defaultdict(list), defaultdict(set)
    with open(sys.argv[1]) as lines:
        for line in map(json.loads, lines):
            # NumPyro's lines say how the chains were run: "eight schools, vectorized".
            model, _, method = line["detail"].partition(", ")
            rates[line["implementation"], model, line["threads"]].append(line["value"])
            if method:
                methods[model, line["threads"]].add(method)

    print("\n| NUTS, effective draws a second | threads | NumPyro | Credence | times as many |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for _, model, threads in sorted(key for key in rates if key[0] == "Credence"):
        own = statistics.median(rates["Credence", model, threads])
        # The model on the tape is the same one to NumPyro.
        peers = rates.get(("NumPyro", model.removesuffix(" on the tape"), threads))
        if not peers:
            print(f"| {model} | {threads} | | {own:,.0f} | |")
            continue
        peer = statistics.median(peers)
        how = ", ".join(sorted(methods[model.removesuffix(" on the tape"), threads]))
        print(f"| {model} | {threads} | {peer:,.0f} ({how}) | {own:,.0f} | **{own / peer:.1f}** |")


if __name__ == "__main__":
    main()
