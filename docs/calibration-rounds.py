#!/usr/bin/env python3
"""Runs the rounds of calibration again, and the replays without what was fitted to them; writes the tables.

    docs/calibration-rounds.py [--check] [--program PATH] [--from DIR] [--threads N]

Runs the experiments `calibration-rounds` and `calibration-rounds-disclosures`, and for each replay an experiment made of
the ledger, with the program (default: `cargo run --release --`), into folders below DIR (default:
blueprint-out/calibration), unless they are there already. Writes anew what stands between `<!-- rounds -->` and
`<!-- /rounds -->` in docs/calibration-rounds.md, and between `<!-- left-out -->` and `<!-- /left-out -->` in
docs/calibration.md (needs `pip install pyarrow`; some ten minutes of one core). With --check nothing is written: exit
status 1 if a page would change. Remove DIR first after a change of the program or of its documents. The same seed and
version give the same bytes.

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
PAGES = {"rounds": "calibration-rounds.md", "left-out": "calibration.md"}
REPLAYS = ["wannacry-2017", "notpetya-2017", "solarwinds-2020", "kaseya-2021"]
REPLICATIONS = 100
# Points over the ranges of what was fitted to a replay, and replications at each.
POINTS, AT_POINT = 40, 10
# Rows whose rules, and not only numbers, were chosen with the same incident in view.
IN_VIEW = {
    ("wannacry-2017", "europol-first-statement"), ("wannacry-2017", "europol-second-statement"),
    ("wannacry-2017", "europol-third-statement"), ("notpetya-2017", "commission-first-line"),
}
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
            "width": math.inf if math.isinf(high) else (high - low) / (middle - origin),
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


def quantity(text):
    """A number or duration of the ledger: value, unit."""
    units = {"us": 1, "ms": 1e3, "s": 1e6, "min": 60e6, "h": 3600e6, "d": 86400e6}
    parts = re.findall(r"([\d.]+) ?(us|ms|s|min|h|d)\b", text)
    if parts and "per" not in text:
        return sum(float(n) * units[u] for n, u in parts), "us"
    number, _, rest = text.partition(" ")
    return float(number), " " + rest if rest else ""


def between(parameter, wide):
    """The ends of its range; `wide`: half the lower and twice the upper, a share at most 1."""
    (low, unit), (high, _) = quantity(parameter["range_from"]), quantity(parameter["range_to"])
    low, high = (low / 2, high * 2) if wide else (low, high)
    if parameter["unit"] == "share":
        high = min(high, 1.0)
    return tuple(f"{round(x)}us" if unit == "us" else f"{x:.12g}{unit}" for x in (low, high))


def fitted(maker, name):
    """Parameters of the ledger that were fitted to a replay: those that can be moved, and the others."""
    command = maker.program + ["check", "--ledger", name, "--format", "json"]
    ledger = json.loads(subprocess.run(command, check=True, cwd=ROOT, capture_output=True).stdout)
    mine = [p for p in ledger if name in p["fitted_to"]]

    # A law cannot be stretched from a median of 0, and entries of one state are facts about it.
    def moves(p):
        ends = p["range_from"], p["range_to"]
        law = not re.match(r"[\d.]", p["value"])
        return all(ends) and ends[0] != ends[1] and "@" not in p["parameter"] and not (law and quantity(ends[0])[0] == 0)

    moved = [p for p in mine if moves(p)]
    return moved, [p["parameter"] for p in mine if p not in moved]


def drawn(maker, name, moved, wide):
    """Results of a replay whose fitted parameters are drawn from their ranges, as of one variant."""
    factors = []
    for parameter in moved:
        low, high = between(parameter, wide)
        quote = (lambda x: x) if re.fullmatch(r"[\d.e-]+", low) else (lambda x: f'"{x}"')
        factors.append(f'        (id: "{parameter["parameter"]}", set: "{parameter["parameter"]}", '
                       f"between: ({quote(low)}, {quote(high)})),")
    text = "\n".join([
        "Experiment(", "    format: 1,", f'    id: "without-{name}",', f'    title: "Without {name}",',
        f'    scenarios: ["{name}"],', "    factors: [", *factors, "    ],", f"    design: LatinHypercube({POINTS}),",
        f"    replications: {AT_POINT},", "    seed: 1,", ")", ""])
    kind = "wide" if wide else "ranges"
    os.makedirs(maker.folder, exist_ok=True)
    path = os.path.join(maker.folder, f"{name}-{kind}.ron")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    pooled = {}
    for (variant, milestone), each in results(maker.batch(path, f"{name}-{kind}")).items():
        one = pooled.setdefault(("all", milestone), {})
        one.update({(variant, replication): us for replication, us in each.items()})
    return pooled


def naive_scores():
    """CRPS of the naive forecast, by replay and title: from the table that a test holds."""
    with open(os.path.join(HERE, "calibration.md"), encoding="utf-8") as file:
        parts = file.read().split("<!-- /calibration -->")[0].split("\n## ")
    replays = [part for part in parts if "| milestone | layer |" in part]
    found = {}
    for name, part in zip(REPLAYS, replays):
        for line in part.splitlines():
            cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
            if len(cells) == 11:
                found[name, cells[0]] = None if cells[8] in ("–", "naive") else float(cells[8])
    return found


def left_out(maker):
    """Each replay with what was fitted to it drawn from ranges."""
    naive = naive_scores()
    sums, rows, notes = [], [], []
    for name in REPLAYS:
        replay = Replay(maker, name)
        moved, stay = fitted(maker, name)
        near, wide = (drawn(maker, name, moved, w) for w in (False, True))
        happened = [row for row in replay.rows if row["observed"]]
        never = [row for row in replay.rows if not row["observed"]]
        here = []
        for row in happened:
            m = row["milestone"]
            own, a, b = (replay.judge(f, v, m) for f, v in ((replay.own, replay.variant), (near, "all"), (wide, "all")))
            here.append((m, own, a, b, naive.get((name, replay.titles[m]))))
            mark = " (rule in view)" if (name, m) in IN_VIEW else ""
            width = ["–" if math.isinf(x["width"]) else f"{x['width']:.2f}" for x in (own, a, b)]
            rows.append([
                f"`{name}`", replay.titles[m] + mark,
                ", ".join(instant(a[q]) for q in ("low", "median", "high")),
                *("yes" if x["covered"] else "no" for x in (own, a, b)), ", ".join(width),
                *(f"{x['crps']:.2f}" for x in (own, a, b)),
                "–" if here[-1][4] is None else f"{here[-1][4]:.2f}",
            ])
        sums.append((name, moved, stay, here, [
            max((replay.reached(f, v, r) for r in never), default=0.0)
            for f, v in ((replay.own, replay.variant), (near, "all"), (wide, "all"))]))
        notes.append(f"`{name}`: " + (", ".join(f"`{p['parameter']}`" for p in moved)) +
                     ("; not moved: " + ", ".join(f"`{p}`" for p in stay) if stay else "") + ".")

    def line(title, here, n, reached):
        scored = [h for h in here if h[4] is not None]
        mean = lambda xs: f"{statistics.mean(xs):.2f}" if xs else "–"
        return [
            title, n, *(f"{sum(h[i]['covered'] for h in here)} of {len(here)}" for i in (1, 2, 3)),
            *(mean([h[i]["crps"] for h in scored]) for i in (1, 2, 3)), mean([h[4] for h in scored]),
            f"{100 * reached[0]:.0f} %, {100 * reached[1]:.0f} %, {100 * reached[2]:.0f} %"]

    body = [line(f"`{name}`", here, str(len(moved)), reached) for name, moved, _, here, reached in sums]
    every = [h for s in sums for h in s[3]]
    worst = [max(s[4][i] for s in sums) for i in range(3)]
    body.append(line("all", every, "", worst))
    fair = [h for s in sums for h in s[3] if (s[0], h[0]) not in IN_VIEW]
    body.append(line("all, without rows whose rule was in view", fair, "", worst))
    head = ["replay", "drawn", "covered: as it is", "ranges", "wide ranges", "CRPS: as it is", "ranges", "wide ranges",
            "naive", "did not happen, reached at most"]
    rows_head = ["replay", "milestone", "ranges: 5 %, median, 95 %", "covered: as it is", "ranges", "wide",
                 "width / latency", "CRPS: as it is", "ranges", "wide", "naive"]
    return "\n\n".join([table(head, body), table(rows_head, rows), "Drawn:\n\n" + "\n".join(f"- {n}" for n in notes)])


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--check", action="store_true")
    words.add_argument("--program")
    words.add_argument("--from", dest="folder", default=os.path.join(ROOT, "blueprint-out", "calibration"))
    words.add_argument("--threads", type=int)
    words = words.parse_args()
    program = [words.program] if words.program else ["cargo", "run", "--release", "--quiet", "--locked", "--"]
    maker = Maker(program, os.path.abspath(words.folder), words.threads)
    changed = False
    for kind, made in [("rounds", rounds), ("left-out", left_out)]:
        page = os.path.join(HERE, PAGES[kind])
        text = made(maker)
        with open(page, encoding="utf-8") as file:
            old = file.read()
        pattern = re.compile(rf"(<!-- {kind} -->\n).*?(<!-- /{kind} -->)", re.S)
        new = pattern.sub(lambda m: m[1] + text + "\n" + m[2], old)
        changed = changed or new != old
        if new != old and not words.check:
            with open(page, "w", encoding="utf-8") as file:
                file.write(new)
    sys.exit(1 if words.check and changed else 0)


if __name__ == "__main__":
    main()
