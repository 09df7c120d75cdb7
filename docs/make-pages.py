#!/usr/bin/env python3
"""Fills the pages whose figures come from experiments: findings-package-2017.md and what-if.md.

    docs/make-pages.py [--check] [--program PATH] [--from DIR] [--threads N]

Runs the experiments EXPERIMENTS and the comparisons that the pages name with the program (default:
`cargo run --release --`), into folders below DIR (default: blueprint-out/pages), unless they are there already, and
writes anew what stands between `<!-- KIND ... -->` and `<!-- /KIND -->`, and the charts. The text around is written by
people, who read the tables first. The same seed and version give the same bytes.

With --check nothing is written: exit status 1 if a page or a chart would change. Remove DIR first after a change of the
program or of its documents.

    <!-- table of: EXPERIMENT; scenario: S; figures: F = TITLE | ...; variants: V | ... -->
    <!-- across of: EXPERIMENT; figure: F = TITLE; variants: V | ... -->
    <!-- finding of: EXPERIMENT; scenario: S; figure: F = TITLE; variant: V -->
    <!-- ends -->      a row a line: SYSTEM | SCENARIO | FIGURE = TITLE | LOW END | HIGH END | WHERE IT IS GONE
    <!-- ranges -->    a row a line: SYSTEM | SCENARIO | FIGURE = TITLE (needs `pip install pyarrow`)
    <!-- chart FILE: ARGUMENTS OF THE COMMAND THAT MAKES THE FOLDER => ARGUMENTS OF `plot` -->
"""

import argparse
import csv
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
EXPERIMENTS = ["package-2017", "package-2017-years", "what-if", "what-if-years"]
PAGES = ["findings-package-2017.md", "what-if.md"]
SYSTEMS = [
    "blueprint", "nis-directive", "enisa-mandate", "certification", "external-relations", "diplomacy-toolbox",
    "e-evidence", "deterrence", "response-fund",
]
NAMES = {"wannacry": "WannaCry", "notpetya": "NotPetya", "solarwinds": "SolarWinds", "kaseya": "Kaseya"}
# Replications of a comparison: of days, of years, and at each of so many points over all ranges.
DAYS, YEARS, AT_POINT, POINTS = 20, 8, 6, 30
# A rank correlation from which a parameter is named: one row in ten names one of 200 that has nothing to do with it.
CARRIES = 0.6


class Maker:
    """Runs what is not there yet."""

    def __init__(self, program, folder, threads):
        self.program, self.folder, self.threads = program, folder, threads
        self.experiments = {}

    def run(self, arguments, out):
        if not os.path.exists(os.path.join(out, "summary.json")):
            threads = ["--threads", str(self.threads)] if self.threads else []
            command = self.program + arguments + ["--out", out, "--force"] + threads
            subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        return out

    def experiment(self, name):
        """Its differences: {scenario: {(figure, variant): row}}; the scenarios in the order of the document."""
        if name not in self.experiments:
            out = self.run(["batch", name], os.path.join(self.folder, name))
            found = {}
            for file in glob.glob(os.path.join(out, "differences*.csv")):
                scenario = os.path.basename(file)[len("differences") : -len(".csv")].lstrip("-")
                rows = {}
                with open(file, newline="") as lines:
                    for row in csv.DictReader(lines):
                        variant = row["variant"].removeprefix(f"{scenario}: ")
                        rows[(row["figure"], variant)] = row
                found[scenario] = rows
            with open(os.path.join(ROOT, "scenarios", "experiments", name + ".ron")) as document:
                named = re.search(r"scenarios: \[(.*?)\]", document.read()).group(1)
            order = re.findall(r'"([^"]+)"', named)
            if list(found) == [""]:
                found = {order[0]: found[""]}
            self.experiments[name] = {scenario: found[scenario] for scenario in order}
        return self.experiments[name]

    def compare(self, system, scenario, settings, more):
        """The comparison of none of the systems with one of them, where parameters have other values."""
        without = [word for other in SYSTEMS for word in ("--without", other)]
        given = [word for setting in settings for word in ("--set", setting)]
        name = re.sub(r"[^a-z0-9.=-]+", "_", "-".join(["compare", scenario, system, *settings, *more]))
        arguments = ["compare", scenario, "--variant", "with " + system, *without, *given, *more]
        return self.run(arguments, os.path.join(self.folder, name))

    def difference(self, system, scenario, figure, settings):
        """A row of such a comparison."""
        n = YEARS if scenario.endswith("-years") else DAYS
        out = self.compare(system, scenario, settings, ["-n", str(n)])
        with open(os.path.join(out, "differences.csv"), newline="") as lines:
            return next((row for row in csv.DictReader(lines) if row["figure"] == figure), None)


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


def is_none(row):
    return float(row["difference"]) == 0 and float(row["low"]) == 0 and float(row["high"]) == 0


def cell(row):
    """A difference as it stands in a table."""
    if row is None:
        return "–"
    if is_none(row):
        return "none"
    text = f"{signed(row['difference'])} ({signed(row['low'])} to {signed(row['high'])})"
    return f"**{text}**" if row["clear"] == "true" else text


def base(rows, figure):
    row = next((row for (f, _), row in rows.items() if f == figure), None)
    return number(row["base_mean"]) if row else "–"


def lines_of(head, body):
    """A table in Markdown: numbers to the right."""
    return "\n".join(["| " + " | ".join([""] + head) + " |", "| --- |" + " ---: |" * len(head)] + [f"| {' | '.join(r)} |" for r in body]).replace("|  |", "| |", 1)


def fields(spec):
    return {key.strip(): value.strip() for key, value in (part.split(":", 1) for part in spec.split("; "))}


def rows_of(maker, spec):
    found = maker.experiment(spec["of"])
    scenario = spec.get("scenario") or next(iter(found))
    if scenario not in found:
        sys.exit(f"{spec['of']} has no scenario {scenario}")
    return found[scenario]


def chosen(spec, found):
    """Variants that are asked for; one that does not exist is a mistake of the page."""
    every = list(dict.fromkeys(variant for rows in found for _, variant in rows))
    wanted = every if spec.get("variants", "all") == "all" else spec["variants"].split(" | ")
    missing = [variant for variant in wanted if variant not in every]
    if missing:
        sys.exit(f"no variant {missing} in {spec['of']}")
    return wanted


def table(maker, text):
    """Variants down, figures across; the first row is what they are compared with."""
    spec = fields(text)
    rows = rows_of(maker, spec)
    figures = dict(pair.split(" = ") for pair in spec["figures"].split(" | "))
    body = [["*without*"] + [base(rows, figure) for figure in figures]]
    body += [[v] + [cell(rows.get((figure, v))) for figure in figures] for v in chosen(spec, [rows])]
    return lines_of(list(figures.values()), body)


def across(maker, text):
    """One figure: variants down, replays across."""
    spec = fields(text)
    found = maker.experiment(spec["of"])
    figure = spec["figure"].split(" = ")[0]
    body = [["*without*"] + [base(rows, figure) for rows in found.values()]]
    body += [[v] + [cell(rows.get((figure, v))) for rows in found.values()] for v in chosen(spec, found.values())]
    return lines_of([NAMES[scenario.split("-")[0]] for scenario in found], body)


def finding(maker, text):
    """One finding in words."""
    spec = fields(text)
    figure, title = spec["figure"].split(" = ")
    title = title[0].upper() + title[1:]
    row = rows_of(maker, spec).get((figure, spec["variant"]))
    if row is None:
        sys.exit(f"nothing to say of {text}")
    before, after = number(row["base_mean"]), number(row["variant_mean"])
    if is_none(row):
        return f"{title}: {before}, the same in every one of {row['pairs']} replications."
    sure = "clear of noise" if row["clear"] == "true" else "not clear among all questions asked"
    interval = f"95 % interval {signed(row['low'])} to {signed(row['high'])}"
    return f"{title}: {after} instead of {before}, a difference of {signed(row['difference'])} ({interval}), {sure}."


def ends(maker, text):
    """A difference with the parameters that carry it at both ends of their ranges, and where it is gone."""
    body = []
    for line in text.strip().splitlines():
        system, scenario, figure, *settings = [part.strip() for part in line.split("|")]
        figure, title = figure.split(" = ")
        cells = [f"`{system}`, {title} ({NAMES[scenario.split('-')[0]]})"]
        cells.append(plain(maker.difference(system, scenario, figure, [])))
        for given in settings:
            if given == "-":
                cells.append("–")
                continue
            row = maker.difference(system, scenario, figure, given.split(","))
            cells.append(f"{', '.join(f'`{g}`' for g in given.split(','))}: {plain(row)}")
        body.append(cells)
    return lines_of(["as modelled", "at one end", "at the other end", "where it is gone"], body)


def plain(row):
    """A difference without the mark of what is clear: one figure of one comparison is looked at."""
    return cell(row).replace("*", "")


def ranks(values):
    """Ranks, those of ties in the middle."""
    order = sorted(values)
    return [(order.index(value) + len(order) - 1 - order[::-1].index(value)) / 2 for value in values]


def correlation(xs, ys):
    """Spearman's rank correlation; 0 where one side does not vary."""
    xs, ys = ranks(xs), ranks(ys)
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = (sum((a - x) ** 2 for a in xs) * sum((b - y) ** 2 for b in ys)) ** 0.5
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / spread if spread else 0.0


def at_points(out, figure):
    """The mean difference at each point over the ranges, and the values of all parameters there."""
    from pyarrow import parquet  # pip install pyarrow

    column = parquet.read_table(os.path.join(out, "runs.parquet"), columns=["variant", figure]).to_pydict()
    values = {}
    for variant, value in zip(column["variant"], column[figure]):
        values.setdefault(variant, []).append(value)
    differences, settings = [], []
    with open(os.path.join(out, "variants.csv"), newline="") as lines:
        for row in csv.DictReader(lines):
            name, _, point = row["variant"].partition(" at point ")
            if point and name != "as it is":
                base = values[f"as it is at point {point}"]
                differences.append(sum(values[row["variant"]]) / len(base) - sum(base) / len(base))
                given = (change.split("=", 1) for change in row["changes"].split("; ") if "=" in change)
                settings.append({key: duration(value) for key, value in given})
    return differences, settings


def duration(text):
    """A value of a parameter as a number that can be ranked: durations in hours."""
    units = {"d": 24, "h": 1, "min": 1 / 60, "s": 1 / 3600, "ms": 1 / 3.6e6, "us": 1 / 3.6e9}
    parts = re.findall(r"([\d.]+)\s*(d|h|min|s|ms|us)\b", text)
    return sum(float(n) * units[u] for n, u in parts) if parts else float(text.split()[0])


def ranges(maker, text):
    """Differences at points over the ranges of all parameters at once, and the parameters that go with them."""
    body = []
    for line in text.strip().splitlines():
        system, scenario, figure = [part.strip() for part in line.split("|")]
        figure, title = figure.split(" = ")
        out = maker.compare(system, scenario, [], ["-n", str(AT_POINT), "--over-ranges", str(POINTS)])
        differences, settings = at_points(out, figure)
        middle = sorted(differences)[len(differences) // 2]
        same = sum(d * middle > 0 for d in differences)
        linked = {}
        for name in settings[0]:
            rho = correlation([setting[name] for setting in settings], differences)
            if abs(rho) >= CARRIES:
                linked[name] = rho
        carried = sorted(linked, key=lambda name: -abs(linked[name]))[:3]
        body.append([
            f"`{system}`, {title} ({NAMES[scenario.split('-')[0]]})",
            f"{same} of {len(differences)}", signed(min(differences)), signed(middle), signed(max(differences)),
            ", ".join(f"`{name}` ({signed(linked[name])})" for name in carried) or "none alone",
        ])
    return lines_of(["same sign", "least", "middle", "most", "goes with (rank correlation)"], body)


MAKERS = {"table": table, "across": across, "finding": finding, "ends": ends, "ranges": ranges}


def filled(maker, page):
    """The page with its blocks made anew."""

    def block(match):
        kind, spec = match.group("kind"), match.group("spec").strip()
        made = MAKERS[kind](maker, spec)
        gap = "\n" if kind == "finding" else "\n\n"
        newline = "\n" if kind in ("ends", "ranges") else " "
        return f"<!-- {kind}{newline}{spec}{newline}-->{gap}{made}{gap}<!-- /{kind} -->"

    kinds = "|".join(MAKERS)
    return re.sub(rf"<!-- (?P<kind>{kinds})\s(?P<spec>[^>]*?)\s-->.*?<!-- /(?P=kind) -->", block, page, flags=re.S)


def charts(maker, page, scratch):
    """Charts that a page names, as (file in the repository, made file)."""
    made = []
    for match in re.finditer(r"<!-- chart (?P<file>\S+): (?P<make>.*?) => (?P<plot>.*?) -->", page):
        make = shlex.split(match.group("make"))
        name = "-".join(make) if make[0] == "batch" else "chart-" + os.path.basename(match.group("file"))
        out = os.path.join(maker.folder, make[1] if make[0] == "batch" else name)
        maker.run(make, out)
        chart, *options = shlex.split(match.group("plot"))
        file = os.path.join(scratch, os.path.basename(match.group("file")))
        subprocess.run(maker.program + ["plot", chart, out, *options, "-o", file], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        made.append((os.path.join(HERE, match.group("file")), file))
    return made


def content(path):
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--check", action="store_true", help="write nothing; exit status 1 if something would change")
    arguments.add_argument("--program", default="cargo run --quiet --release --")
    arguments.add_argument("--from", dest="folder", default=os.path.join(ROOT, "blueprint-out", "pages"))
    arguments.add_argument("--threads", type=int, default=0)
    given = arguments.parse_args()
    maker = Maker(given.program.split(), os.path.abspath(given.folder), given.threads)
    stale = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in PAGES:
            path = os.path.join(HERE, name)
            with open(path, encoding="utf-8") as file:
                page = file.read()
            made = filled(maker, page)
            files = [(path, made.encode())] + [(at, content(file)) for at, file in charts(maker, page, scratch)]
            for at, new in files:
                if content(at) != new:
                    stale.append(os.path.relpath(at, ROOT))
                    if not given.check:
                        os.makedirs(os.path.dirname(at), exist_ok=True)
                        with open(at, "wb") as file:
                            file.write(new)
    for name in stale:
        print(("would change: " if given.check else "changed: ") + name)
    if given.check and stale:
        sys.exit(1)


if __name__ == "__main__":
    main()
