#!/usr/bin/env bash
# bench/instructions.sh [WORDLINE] [ROW...]   instructions an access of each row of the peers' table, as callgrind counts
# them: the difference of two lengths over the accesses between them, so that start and end do not count. Rows are
# chosen by the beginnings of their names; all where none is given. Needs valgrind. Repeatable to the instruction.
set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wordline=$(realpath "${1:-$root/build/bin/wordline}")
[ $# -eq 0 ] || shift
command -v valgrind >/dev/null || { echo "valgrind is not installed (apt-get install valgrind)" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gib=$((1 << 30))

# count WORDS...: instructions of one run.
count() {
  valgrind --tool=callgrind --callgrind-out-file="$folder/out" "$wordline" memory run --threads 1 --json "$folder/json" "$@" \
    >"$folder/words" 2>&1 || { cat "$folder/words" >&2; return 1; }
  sed -n 's/^summary: \([0-9]*\).*/\1/p' "$folder/out"
}

# row NAME FEWER MORE WORDS...: runs two lengths and prints one line; prints nothing where NAME is not wanted.
wanted=("$@")
row() {
  local name=$1 fewer=$2 more=$3 word few many
  shift 3
  if [ ${#wanted[@]} -gt 0 ]; then
    for word in "${wanted[@]}"; do [[ $name == "$word"* ]] && break; done
    [[ $name == "$word"* ]] || return 0
  fi
  few=$(count --accesses "$fewer" "$@")
  many=$(count --accesses "$more" "$@")
  printf '%-34s %8d instructions an access\n' "$name" $(((many - few) / (more - fewer)))
}

saturating="--single --queue 32"
hbm3="--module hbm3-6400-8h-16gb --footprint $((16 * gib))"
hbm2="--module hbm2-2000-8h-8gb --footprint $((8 * gib))"
# The channel highest: the lower half of a DIMM's addresses lies in one sub-channel.
ddr5="--module ddr5-4800-1rx8-16gb --footprint $((8 * gib))"
ddr4="--module ddr4-3200-1rx8-8gb --footprint $((8 * gib))"
random="--pattern random --map linear"
one="column bankgroup bank row channel"

row "hbm3-6400 random" 100000 200000 $saturating $hbm3 $random
row "hbm3-6400 stream" 200000 400000 $saturating $hbm3 --pattern stream
row "hbm2-2000 random" 100000 200000 $saturating $hbm2 $random
row "hbm2-2000 stream" 200000 400000 $saturating $hbm2 --pattern stream
# Peers with 32-byte devices answer a 64-byte request by one burst; above, an access moves its 64 bytes in two.
row "hbm3-6400 random, one burst" 100000 200000 $saturating $hbm3 $random --access-bytes 32
row "hbm3-6400 stream, one burst" 200000 400000 $saturating $hbm3 --pattern stream --access-bytes 32
row "hbm2-2000 random, one burst" 100000 200000 $saturating $hbm2 $random --access-bytes 32
row "hbm2-2000 stream, one burst" 200000 400000 $saturating $hbm2 --pattern stream --access-bytes 32
row "ddr5-4800 sub-channel random" 50000 100000 $saturating $ddr5 --pattern random --map "$one"
row "ddr5-4800 sub-channel stream" 50000 100000 $saturating $ddr5 --pattern stream --map "bankgroup column bank row channel"
row "ddr4-3200 random" 50000 100000 $saturating $ddr4 $random
row "ddr4-3200 stream" 50000 100000 $saturating $ddr4 --pattern stream
row "ddr4-3200 mix" 50000 100000 $saturating $ddr4 --pattern mix --map linear
row "hbm3-6400 sparse, 1 per 100 clocks" 20000 40000 --gap 100 --queue 32 $hbm3 $random
# A whole H200: 75 million accesses are 1 ms; the difference here is a fiftieth of it. Each data bus fed on its own.
row "h200 stream, split" 1500000 3000000 --module hbm3e-6300-8h-24gb --count 6 --pattern stream
