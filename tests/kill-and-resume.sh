#!/usr/bin/env bash
# Kills a batch again and again at random instants, lets it meet a full disk, and compares the end with a batch that
# nobody disturbed, byte for byte.
#
#     tests/kill-and-resume.sh [PROGRAM [KILLS [SEED]]]
#
# PROGRAM: the binary (default target/release/blueprint-sim). KILLS: how many (default 50). SEED: of the instants.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$root/target/release/blueprint-sim}")
kills=${2:-50}
RANDOM=${3:-$$}
document=$root/tests/cases/cli/storm.ron
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

began=$(date +%s%N)
"$program" batch "$document" --replications 20000 --seed 3 --out whole >/dev/null 2>&1
took=$((($(date +%s%N) - began) / 1000000))
echo "undisturbed: $took ms"

batch=("$program" batch "$document" --replications 20000 --seed 3 --out killed --resume)
done_kills=0
attempts=0
while ((done_kills < kills)); do
    attempts=$((attempts + 1))
    "${batch[@]}" >/dev/null 2>&1 &
    child=$!
    # Short lives, so that the work lasts for all kills; every seventh meets a full disk on the way.
    wait_ms=$((RANDOM % (took * 3 / kills + 30)))
    sleep "$(printf '%d.%03d' $((wait_ms / 1000)) $((wait_ms % 1000)))"
    if kill -9 "$child" 2>/dev/null; then
        done_kills=$((done_kills + 1))
    fi
    wait "$child" 2>/dev/null || true
    if ((attempts % 7 == 0)) && [ -f killed/batch.journal ]; then
        size=$(($(stat -c %s killed/batch.journal) / 1024 + 20))
        (trap '' XFSZ; ulimit -f "$size"; "${batch[@]}" >/dev/null 2>&1) && true
    fi
    # Complete already: begin anew, so that every kill meets a batch under way.
    if [ -f killed/summary.json ] && [ ! -f killed/batch.journal ]; then
        diff -r whole killed
        rm -rf killed
    fi
done
"${batch[@]}" >/dev/null 2>&1
diff -r whole killed
echo "$done_kills kills, the same bytes"
