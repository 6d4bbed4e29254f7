#!/usr/bin/env bash
# bench/threads.sh [WORDLINE] [TRIES]   wall time of a stream over one whole stack and over an H200's six, split by data
# bus, on one thread and on two: the best of TRIES (5) each, taken in turn because the machine may be shared.
set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wordline=${1:-$root/build/bin/wordline} tries=${2:-5}

# milliseconds WORDS...: wall time of one run.
milliseconds() {
  local start
  start=$(date +%s%N)
  "$wordline" memory run "$@" >/dev/null
  echo $((($(date +%s%N) - start) / 1000000))
}

# compare NAME WORDS...: the best of each, and their quotient.
compare() {
  local name=$1 one= two= now
  shift
  for ((i = 0; i < tries; ++i)); do
    now=$(milliseconds "$@" --threads 1)
    [ -n "$one" ] && [ "$one" -le "$now" ] || one=$now
    now=$(milliseconds "$@" --threads 2)
    [ -n "$two" ] && [ "$two" -le "$now" ] || two=$now
  done
  printf '%-20s 1 thread %6d ms, 2 threads %6d ms: %s times as fast\n' "$name" "$one" "$two" \
    "$(awk "BEGIN { printf \"%.2f\", $one / $two }")"
}

compare "hbm3-6400 stream" --module hbm3-6400-8h-16gb --pattern stream --accesses 16000000
compare "h200 stream" --module hbm3e-6300-8h-24gb --count 6 --pattern stream --accesses 24000000
