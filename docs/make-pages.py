#!/usr/bin/env python3
"""Fills the pages whose figures come from experiments: findings-package-2017.md and what-if.md.

    docs/make-pages.py [--program PATH] [--from DIR]

Runs the experiments `package-2017`, `package-2017-years` and `what-if` with the program (default:
`cargo run --release --`), into folders below DIR (default: blueprint-out), unless they are there already, and writes
what stands between `<!-- table NAME -->` and `<!-- /table -->` anew from their `differences*.csv`. The text around the
tables is written by people, who read the tables first. The same seed and version give the same bytes.
"""

import argparse
import csv
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
EXPERIMENTS = ["package-2017", "package-2017-years", "what-if"]
PAGES = ["findings-package-2017.md", "what-if.md"]


def make(program, folder):
    """Runs what is not there, and returns all differences: {experiment: {(figure, variant): row}}."""
    found = {}
    for name in EXPERIMENTS:
        out = os.path.join(folder, name)
        if not os.path.exists(os.path.join(out, "summary.json")):
            subprocess.run(program + ["batch", name, "--out", out, "--force"], check=True, stdout=subprocess.DEVNULL)
        rows = {}
        for file in sorted(glob.glob(os.path.join(out, "differences*.csv"))):
            scenario = os.path.basename(file)[len("differences") : -len(".csv")].lstrip("-")
            with open(file, newline="") as lines:
                for row in csv.DictReader(lines):
                    rows[(scenario, row["figure"], row["variant"])] = row
        found[name] = rows
    return found


def number(text):
    x = float(text)
    size = abs(x)
    if size >= 100:
        return f"{x:,.0f}".replace(",", " ")
    if size >= 10:
        return f"{x:.1f}"
    if size >= 1:
        return f"{x:.2f}"
    return f"{x:.3f}" if x else "0"


def signed(text):
    return ("+" if float(text) > 0 else "") + number(text).replace("-", "−")


def cell(row):
    """A difference as it stands in a table."""
    if row is None:
        return ""
    if float(row["difference"]) == 0 and float(row["low"]) == 0 and float(row["high"]) == 0:
        return "none"
    text = f"{signed(row['difference'])} ({signed(row['low'])} to {signed(row['high'])})"
    return f"**{text}**" if row["clear"] == "true" else text


def table(rows, scenario, figures, variants):
    """Variants down, figures across; the first row is what they are compared with."""
    known = {figure: next((r for (s, f, _), r in rows.items() if s == scenario and f == figure), None) for figure in figures}
    head = "| | " + " | ".join(title for title in figures.values()) + " |"
    rule = "| --- |" + " ---: |" * len(figures)
    base = "| *without* | " + " | ".join(number(known[f]["base_mean"]) if known[f] else "" for f in figures) + " |"
    lines = [head, rule, base]
    for variant in variants:
        cells = [cell(rows.get((scenario, figure, variant))) for figure in figures]
        lines.append(f"| {variant} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def filled(match, found):
    """The block with its table made anew: experiment; scenario; figure = title, ...; variants (or all)."""
    spec = dict(part.split(":", 1) for part in match.group("spec").strip().split("; "))
    rows = found[spec["of"].strip()]
    scenario = spec.get("scenario", "").strip()
    figures = dict(pair.split(" = ") for pair in spec["figures"].strip().split(" | "))
    every = []
    for s, _, variant in rows:
        if s == scenario and variant not in every:
            every.append(variant)
    wanted = spec.get("variants", "all").strip()
    variants = every if wanted == "all" else wanted.split(" | ")
    missing = [variant for variant in variants if variant not in every]
    if missing:
        sys.exit(f"no variant {missing} in {spec['of']}")
    return f"<!-- table {match.group('spec').strip()} -->\n\n{table(rows, scenario, figures, variants)}\n\n<!-- /table -->"


def sentence(match, found):
    """One finding in words: experiment; figure; its title; variant."""
    spec = dict(part.split(":", 1) for part in match.group("spec").strip().split("; "))
    scenario = spec.get("scenario", "").strip()
    figure, title = spec["figure"].strip().split(" = ")
    title = title[0].upper() + title[1:]
    row = found[spec["of"].strip()].get((scenario, figure, spec["variant"].strip()))
    if row is None:
        sys.exit(f"nothing to say of {match.group('spec')}")
    before, after = number(row["base_mean"]), number(row["variant_mean"])
    if cell(row) == "none":
        said = f"{title}: {before}, the same in every one of {row['pairs']} replications."
    else:
        sure = "clear of noise" if row["clear"] == "true" else "within noise"
        interval = f"95 % interval {signed(row['low'])} to {signed(row['high'])}"
        said = f"{title}: {after} instead of {before}, a difference of {signed(row['difference'])} ({interval}), {sure}."
    return f"<!-- finding {match.group('spec').strip()} -->\n{said}\n<!-- /finding -->"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--program", default="cargo run --quiet --release --")
    arguments.add_argument("--from", dest="folder", default="blueprint-out")
    given = arguments.parse_args()
    found = make(given.program.split(), given.folder)
    for name in PAGES:
        path = os.path.join(HERE, name)
        with open(path, encoding="utf-8") as file:
            page = file.read()
        block = re.compile(r"<!-- table (?P<spec>[^>]*?) -->.*?<!-- /table -->", re.S)
        page = block.sub(lambda match: filled(match, found), page)
        block = re.compile(r"<!-- finding (?P<spec>[^>]*?) -->.*?<!-- /finding -->", re.S)
        page = block.sub(lambda match: sentence(match, found), page)
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)


if __name__ == "__main__":
    main()
