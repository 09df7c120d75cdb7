#!/usr/bin/env python3
"""Runs the rounds of calibration again and writes the tables of docs/calibration-rounds.md.

    docs/calibration-rounds.py [--check] [--program PATH] [--from DIR] [--threads N]

Runs the experiments `calibration-rounds` and `calibration-rounds-disclosures` with the program (default:
`cargo run --release --`), into folders below DIR (default: blueprint-out/calibration), unless they are there already, and
writes anew what stands between `<!-- rounds -->` and `<!-- /rounds -->` (needs `pip install pyarrow`; a minute of one
core). With --check nothing is written: exit status 1 if the page would change. Remove DIR first after a change of the
program or of its documents. The same seed and version give the same bytes.

The judgement is that of the program: what the script computes for the documents as they are is held against it.
"""

import argparse
import datetime
import json
import math
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PAGE = os.path.join(HERE, "calibration-rounds.md")
REPLAYS = ["wannacry-2017", "notpetya-2017", "solarwinds-2020", "kaseya-2021"]
REPLICATIONS = 100
HOUR = 3.6e9


class Maker:
    """Runs what is not there yet."""

    def __init__(self, program, folder, threads):
        self.program, self.folder, self.threads = program, folder, threads

    def batch(self, name, out, more=()):
        out = os.path.join(self.folder, out)
        if not os.path.exists(os.path.join(out, "summary.json")):
            threads = ["--threads", str(self.threads)] if self.threads else []
            command = self.program + ["batch", name, "--out", out, "--force", *more] + threads
            subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        return out


def summary(out):
    with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
        return json.load(file)


def results(out):
    """Latency (µs) or none, by variant, milestone and replication; the milestone none: the first hit."""
    from pyarrow import parquet  # pip install pyarrow

    found = {}
    for row in parquet.read_table(os.path.join(out, "results.parquet")).to_pylist():
        key = (row["variant"], row["milestone"])
        found.setdefault(key, {})[row["replication"]] = row["latency_us"]
    runs = parquet.read_table(os.path.join(out, "runs.parquet"), columns=["variant", "replication", "first_hit_us"])
    for row in runs.to_pylist():
        found.setdefault((row["variant"], None), {})[row["replication"]] = row["first_hit_us"]
    return found


def micros(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1e6)


def quantile(sample, p):
    """Of type 1: the smallest value with at least a share p at or below it."""
    position = p * len(sample)
    rank = round(position) if abs(position - round(position)) <= 1e-9 else math.ceil(position)
    return sorted(sample)[min(max(rank, 1), len(sample)) - 1]


def log_hours(us):
    return math.log(max(us / HOUR, 1 / 60))


def crps(ensemble, observed):
    n = len(ensemble)
    distance = sum(abs(x - observed) for x in ensemble) / n
    spread = sum((2 * i + 1 - n) * (x - observed) for i, x in enumerate(sorted(ensemble))) / n**2
    return distance - spread


class Replay:
    """What history says of a replay, and from when its milestones count."""

    def __init__(self, maker, name):
        self.name = name
        self.out = maker.batch(name, name, ["-n", str(REPLICATIONS)])
        variant = summary(self.out)["variants"][0]
        self.rows = [row for row in variant["replay"]["milestones"] if not row["set_by_scenario"]]
        self.observed = {row["milestone"]: row["observed"] for row in variant["replay"]["milestones"]}
        self.titles = {m["milestone"]: m["title"] for m in variant["milestones"]}
        self.variant = variant["variant"]
        with open(os.path.join(ROOT, "scenarios", "incidents", name + ".ron"), encoding="utf-8") as file:
            text = file.read()
        self.start = micros(re.search(r'^    start: "(.+?)"', text, re.M)[1])
        self.incident = micros(re.search(r'^            start: "(.+?)"', text, re.M)[1])
        days = int(re.search(r'^    horizon: "(\d+)d"', text, re.M)[1])
        self.end = self.start + days * 24 * HOUR
        self.since = dict(re.findall(r'^ +"([a-z0-9-]+)": \(title: ".*?", from: Milestone\("(.+?)"\)', text, re.M))
        self.own = results(self.out)
        for row in self.rows:
            if row["observed"]:
                judged = self.judge(self.own, self.variant, row["milestone"])
                # A milestone may come although that from which it counts never does; its instant is in no table then.
                near = 0.01 if row["milestone"] in self.since else 1e-6
                same = judged["covered"] == row["covered_90"] and abs(judged["crps"] - row["crps"]) < near
                assert same, f"{name}, {row['milestone']}: {judged} is not {row}"

    def instants(self, found, variant, milestone):
        """(instant or none, origin or none) of each replication."""
        since = self.since.get(milestone)
        for replication, latency in sorted(found[variant, milestone].items()):
            first_hit = found[variant, None][replication]
            origin = self.incident if first_hit is None else self.start + first_hit
            if since:
                to_origin = found[variant, since][replication]
                origin = None if to_origin is None else origin + to_origin
            yield (None if latency is None or origin is None else origin + latency, origin)

    def judge(self, found, variant, milestone):
        """As the program judges what happened."""
        pairs = list(self.instants(found, variant, milestone))
        sample = [math.inf if at is None else at for at, _ in pairs]
        logs = [log_hours((self.end if at is None else at) - (origin or self.start)) for at, origin in pairs]
        middle = micros(self.observed[milestone])
        since = self.since.get(milestone)
        if since and self.observed.get(since):
            origin = micros(self.observed[since])
        else:
            origin = quantile([math.inf if o is None else o for _, o in pairs], 0.5)
        low, median, high = (quantile(sample, p) for p in (0.05, 0.5, 0.95))
        return {
            "low": low, "median": median, "high": high, "covered": low <= middle <= high,
            "crps": crps(logs, log_hours(middle - origin)),
            "width": (high - low) / (middle - origin),
        }

    def reached(self, found, variant, row):
        """Share that reached what did not happen, by then."""
        by = micros(row["never_by"])
        at = [a for a, _ in self.instants(found, variant, row["milestone"])]
        return sum(a is not None and a <= by for a in at) / len(at)


def instant(us):
    if math.isinf(us):
        return "later"
    return datetime.datetime.fromtimestamp(us / 1e6, datetime.timezone.utc).strftime("%m-%d %H:%M")


def table(head, body):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in body])


def disclosures_of_history():
    """Name, hours to the first joint list, (hours, teams) on it: as the example has them."""
    with open(os.path.join(ROOT, "tests", "support", "calibration.rs"), encoding="utf-8") as file:
        text = file.read().split("DISCLOSURES: [Disclosure; 16] = [")[1].split("\n];")[0]
    one = re.compile(r'\(\s*"([^"]+)",\s*"[^"]+",\s*([\d.]+),\s*(\d+),\s*&\[([^\]]*)\],?\s*\)')
    found = []
    for name, first, teams, later in one.findall(text):
        counts = [(float(first), int(teams))]
        counts += [(float(h), int(n)) for h, n in re.findall(r"\((\d+), (\d+)\)", later)]
        found.append((name, float(first), counts))
    assert len(found) == 16
    return found


def rounds(maker):
    """The tables of the rounds."""
    replays = [Replay(maker, name) for name in REPLAYS]
    out = maker.batch("scenarios/experiments/calibration-rounds.ron", "rounds")
    found = results(out)
    names = []
    for variant in summary(out)["variants"]:
        name = variant["variant"].split(": ", 1)[1]
        if name not in names:
            names.append(name)

    # All rows, judged in each round.
    judged, absent = {}, {}
    for replay in replays:
        for row in replay.rows:
            for name in names:
                key = (replay.name, row["milestone"])
                if row["observed"]:
                    judged.setdefault(key, []).append(replay.judge(found, f"{replay.name}: {name}", row["milestone"]))
                else:
                    absent.setdefault(key, []).append(replay.reached(found, f"{replay.name}: {name}", row))
    layers = {(r.name, row["milestone"]): row["layer"] for r in replays for row in r.rows}
    titles = {(r.name, row["milestone"]): r.titles[row["milestone"]] for r in replays for row in r.rows}

    body = []
    for replay in replays:
        keys = [k for k in judged if k[0] == replay.name]
        body.append([f"rows of `{replay.name}` covered"] + [
            f"{sum(judged[k][i]['covered'] for k in keys)} of {len(keys)}" for i in range(len(names))])
    body.append(["all rows covered"] + [
        f"{sum(j[i]['covered'] for j in judged.values())} of {len(judged)}" for i in range(len(names))])
    for layer in ["victim", "national", "public"]:
        keys = [k for k in judged if layers[k] == layer]
        body.append([f"sum of CRPS, {len(keys)} rows of the layer {layer}"] + [
            f"{sum(judged[k][i]['crps'] for k in keys):.3f}" for i in range(len(names))])
    body.append([f"what did not happen: greatest share of {len(absent)} rows"] + [
        f"{100 * max(a[i] for a in absent.values()):.0f} %" for i in range(len(names))])

    # Disclosures.
    out = maker.batch("scenarios/experiments/calibration-rounds-disclosures.ron", "disclosures")
    found = results(out)
    variants = {v for v, _ in found}
    lists, errors, events = {name: [] for name in names}, {name: [] for name in names}, []
    for event, observed, counts in disclosures_of_history():
        cells = []
        for name in names:
            variant = next(v for v in variants if name in v and v.endswith(event))
            sample = [math.inf if us is None else us / HOUR for us in found[variant, "joint-listing"].values()]
            low, median, high = (quantile(sample, p) for p in (0.05, 0.5, 0.95))
            covered = low <= observed <= high
            lists[name].append((median, covered, abs(math.log(median / observed)), high - low))
            alerts = [found[variant, f"states-{k}"] for k in range(1, 21)]
            for hours, teams in counts:
                n = quantile([sum(a[r] is not None and a[r] <= hours * HOUR for a in alerts)
                              for r in alerts[0]], 0.5)
                errors[name].append(n - teams)
            one = statistics.median(math.inf if us is None else us / HOUR for us in alerts[0].values())
            cells.append(f"{one:.1f} h; {low:.1f}, {median:.1f}, {high:.1f} h{'' if covered else ' (no)'}")
        events.append([event, f"{observed:.1f} h"] + cells)
    body.append(["disclosures: first joint list covered"] + [f"{sum(c for _, c, _, _ in lists[n])} of 16" for n in names])
    body.append(["disclosures: median of the 16 medians"] + [
        f"{statistics.median(m for m, _, _, _ in lists[n]):.1f} h" for n in names])
    body.append(["disclosures: mean of abs(ln(median / history))"] + [
        f"{statistics.mean(e for _, _, e, _ in lists[n]):.2f}" for n in names])
    body.append(["disclosures: median width of the central 90 %"] + [
        f"{statistics.median(w for _, _, _, w in lists[n]):.1f} h" for n in names])
    body.append([f"disclosures: teams above history, mean of {len(errors[names[0]])} counts"] + [
        f"{statistics.mean(errors[n]):+.1f}" for n in names])
    parts = [table(["", *names], body)]

    # Rows that moved.
    moved = []
    for key, js in judged.items():
        if any(j != js[0] for j in js):
            cells = [f"{instant(j['low'])}, {instant(j['median'])}, {instant(j['high'])}; "
                     f"{'yes' if j['covered'] else 'no'}; {j['crps']:.3f}" for j in js]
            observed = micros(next(r for r in replays if r.name == key[0]).observed[key[1]])
            moved.append([f"`{key[0]}`", titles[key], layers[key], instant(observed)] + cells)
    same = len(judged) - len(moved)
    if len(names) > 1:
        parts.append(f"Rows that moved (5 %, median, 95 % in UTC; covered; CRPS). The other {same} of {len(judged)} rows "
                     "are the same in all columns.")
        parts.append(table(["replay", "milestone", "layer", "middle in history", *names], moved))
    else:
        shown = [[f"`{k[0]}`", titles[k], layers[k],
                  f"{instant(js[0]['low'])}, {instant(js[0]['median'])}, {instant(js[0]['high'])}",
                  "yes" if js[0]["covered"] else "no", f"{js[0]['crps']:.3f}"] for k, js in judged.items()]
        parts.append(table(["replay", "milestone", "layer", "5 %, median, 95 % (UTC)", "covered", "CRPS"], shown))
    parts.append("Sixteen disclosures: median of the first alert; first joint list, 5 %, median, 95 %; *no*: history is "
                 "outside.")
    parts.append(table(["event", "first list in history", *names], events))
    return "\n\n".join(parts)


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--check", action="store_true")
    words.add_argument("--program")
    words.add_argument("--from", dest="folder", default=os.path.join(ROOT, "blueprint-out", "calibration"))
    words.add_argument("--threads", type=int)
    words = words.parse_args()
    program = [words.program] if words.program else ["cargo", "run", "--release", "--quiet", "--locked", "--"]
    maker = Maker(program, os.path.abspath(words.folder), words.threads)
    with open(PAGE, encoding="utf-8") as file:
        old = file.read()
    new = old
    for kind, made in [("rounds", rounds)]:
        pattern = re.compile(rf"(<!-- {kind} -->\n).*?(<!-- /{kind} -->)", re.S)
        text = made(maker)
        new = pattern.sub(lambda m: m[1] + text + "\n" + m[2], new)
    if words.check:
        sys.exit(0 if new == old else 1)
    if new != old:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(new)


if __name__ == "__main__":
    main()
