#!/usr/bin/env python3
"""The relay and the queue of the benches in SimPy, in the two styles that its users write.

usage: relay_simpy.py relay process|callback GRAPH FACTS SEED
       relay_simpy.py queue process|callback HOURS SEED

Prints one line of figures. GRAPH has a line for each desk: its servers, then far end and median latency (us) of each
link. The process style has a process for each letter and a Resource for each desk; the callback style has bare
timeouts with functions, no processes and no resources: the leanest that SimPy can be used.
"""

import sys
import time
from collections import deque
from math import log
from random import Random

import simpy

GAP, SIGMA_SERVICE, SIGMA_LATENCY = 0.5, 0.8, 1.0


class Figures:
    """Counters of a run; times in hours."""

    def __init__(self):
        self.events = self.known = self.letters = 0
        self.spread = self.wait = 0.0


def read_graph(path):
    servers, links = [], []
    with open(path) as lines:
        for line in lines:
            words = [int(word) for word in line.split()]
            servers.append(words[0])
            links.append([(to, log(us / 3.6e9)) for to, us in zip(words[1::2], words[2::2])])
    return servers, links


def relay_of_processes(env, servers, links, facts, draws, latencies, f):
    desks = [simpy.Resource(env, n) for n in servers]
    knows = [set() for _ in servers]

    def letter(delay, at, fact):
        yield env.timeout(delay)
        f.events += 1
        came = env.now
        with desks[at].request() as server:
            yield server
            f.letters += 1
            f.wait += env.now - came
            yield env.timeout(draws[at](0.0, SIGMA_SERVICE))
            f.events += 1
            if fact not in knows[at]:
                knows[at].add(fact)
                f.known += 1
                f.spread += env.now - GAP * fact
                for to, mu in links[at]:
                    env.process(letter(latencies[at](mu, SIGMA_LATENCY), to, fact))

    for fact in range(facts):
        env.process(letter(GAP * fact, (29 * fact + 7) % len(servers), fact))


def relay_of_callbacks(env, servers, links, facts, draws, latencies, f):
    busy = [0] * len(servers)
    lines = [deque() for _ in servers]
    knows = [set() for _ in servers]

    def serve(at, fact):
        f.letters += 1
        env.timeout(draws[at](0.0, SIGMA_SERVICE), (at, fact)).callbacks.append(served)

    def arrives(event):
        at, fact = event._value
        f.events += 1
        if busy[at] < servers[at]:
            busy[at] += 1
            serve(at, fact)
        else:
            lines[at].append((fact, env.now))

    def served(event):
        at, fact = event._value
        f.events += 1
        if fact not in knows[at]:
            knows[at].add(fact)
            f.known += 1
            f.spread += env.now - GAP * fact
            for to, mu in links[at]:
                env.timeout(latencies[at](mu, SIGMA_LATENCY), (to, fact)).callbacks.append(arrives)
        if lines[at]:
            following, came = lines[at].popleft()
            f.wait += env.now - came
            serve(at, following)
        else:
            busy[at] -= 1

    for fact in range(facts):
        env.timeout(GAP * fact, ((29 * fact + 7) % len(servers), fact)).callbacks.append(arrives)


def queue_of_processes(env, gap, handling, f):
    desk = simpy.Resource(env, 3)

    def case():
        came = env.now
        with desk.request() as server:
            yield server
            f.letters += 1
            f.wait += env.now - came
            yield env.timeout(handling())
            f.events += 1

    def cases():
        while True:
            yield env.timeout(gap())
            f.events += 1
            env.process(case())

    env.process(cases())


def queue_of_callbacks(env, gap, handling, f):
    busy, line = [0], deque()

    def serve():
        f.letters += 1
        env.timeout(handling()).callbacks.append(served)

    def comes(_):
        f.events += 1
        if busy[0] < 3:
            busy[0] += 1
            serve()
        else:
            line.append(env.now)
        env.timeout(gap()).callbacks.append(comes)

    def served(_):
        f.events += 1
        if line:
            f.wait += env.now - line.popleft()
            serve()
        else:
            busy[0] -= 1

    env.timeout(gap()).callbacks.append(comes)


def main():
    model, style, *rest = sys.argv[1:]
    f, env, until = Figures(), simpy.Environment(), None
    if model == "relay":
        servers, links = read_graph(rest[0])
        facts, seed = int(rest[1]), int(rest[2])
        draws = [Random(f"{seed} service {i}").lognormvariate for i in range(len(servers))]
        latencies = [Random(f"{seed} latency {i}").lognormvariate for i in range(len(servers))]
        build = relay_of_processes if style == "process" else relay_of_callbacks
        build(env, servers, links, facts, draws, latencies, f)
    else:
        until, seed = float(rest[0]), int(rest[1])
        gaps, handlings = Random(f"{seed} gaps").expovariate, Random(f"{seed} handlings").expovariate
        build = queue_of_processes if style == "process" else queue_of_callbacks
        build(env, lambda: gaps(72.0), lambda: handlings(30.0), f)
    begin = time.perf_counter()
    env.run(until)
    took = time.perf_counter() - begin
    spread = f" spread={f.spread / f.known}" if f.known else ""
    wait = f.wait / f.letters * (1.0 if f.known else 3600.0)
    print(f"events={f.events} ns={round(took * 1e9)}{spread} wait={wait}")


main()
