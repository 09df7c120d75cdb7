#!/usr/bin/env bash
# The product beside its peers, in turns, with ratios and their spread; then every goal with what was measured.
#
#   benches/peers/compare.sh                              prints the tables
#   benches/peers/compare.sh --write docs/performance.md  puts them into the page
#
# More options go to the comparison: --rounds 7 --facts 200 --hours 7000 --operators 160000 --checks 10.
# A peer that cannot be installed is said to be missing, and the rest is measured.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

simpy_version=4.1.2
home=${CARGO_TARGET_DIR:-target}/peers
mkdir -p "$home"
log=$home/install.log
: >"$log"

python=
if python3 -m venv "$home/venv" >>"$log" 2>&1 &&
    "$home/venv/bin/pip" install --quiet "simpy==$simpy_version" >>"$log" 2>&1; then
    python=$home/venv/bin/python
else
    echo "SimPy could not be installed (see $log): its rows are left empty" >&2
fi

nexosim=
if CARGO_TARGET_DIR="$home/nexosim" cargo build --quiet --locked --release \
    --manifest-path benches/peers/nexosim/Cargo.toml >>"$log" 2>&1; then
    nexosim=$home/nexosim/release/relay-nexosim
else
    echo "NeXosim could not be built (see $log): its rows are left empty" >&2
fi

# The class of the machine, not its name.
cores=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
processor=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
memory=$(awk '/^MemTotal/ { printf ", %.0f GiB", $2 / 1048576 }' /proc/meminfo 2>/dev/null || true)
peers="NeXosim $(sed -n '/^name = "nexosim"$/{n;s/version = "\(.*\)"/\1/p}' benches/peers/nexosim/Cargo.lock)"
peers="$peers, SimPy $simpy_version${python:+ on $("$python" --version)}"
about="Measured on $(date -u +%Y-%m-%d) on ${cores} cores${processor:+ of ${processor}}${memory}, with $(rustc --version | cut -d ' ' -f 1,2); $peers."

exec cargo bench --locked --bench peers -- --about "$about" --python "$python" --nexosim "$nexosim" "$@"
