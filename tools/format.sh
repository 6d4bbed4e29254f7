#!/usr/bin/env bash
# Formats every C++ file; with --check only tells which are not formatted. Versions differ: 14, as Debian 12 has it.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=$(command -v clang-format-14 || command -v clang-format || true)
if [ -z "$program" ] || ! "$program" --version | grep -q 'version 14\.'; then
  echo "clang-format 14 is not installed (Debian: clang-format): formatting not checked"
  exit 77
fi
how=(-i)
[ "${1:-}" != --check ] || how=(--dry-run -Werror)
find src cli tests bench bindings -name '*.h' -o -name '*.cpp' 2>/dev/null | sort | xargs "$program" "${how[@]}"
