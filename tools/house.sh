# Shared by ./run, ./test and .ci/run: installing what is missing, configuring, building. Words go to standard error.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${WORDLINE_BUILD:-$root/build}

say() { printf '%s\n' "$*" >&2; }

# needs LIST...: installs the packages of tools/packages/LIST that dpkg does not know as installed; no apt call otherwise.
needs() {
  local wanted missing=() package as_root=()
  wanted=$(for list in "$@"; do grep -v '^#' "$root/tools/packages/$list"; done)
  if ! command -v dpkg-query >/dev/null; then
    say "Not a Debian system: taking it that these, or their like, are installed:" $wanted
    return
  fi
  for package in $wanted; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      say "These packages are missing, and this user is neither root nor has sudo. Have somebody run:"
      say "  apt-get install --no-install-recommends ${missing[*]}"
      return 1
    fi
    as_root=(sudo)
    [ -t 2 ] && [ "${CI:-}" != true ] || as_root=(sudo -n) # nobody to type a password
  fi
  say "Installing ${missing[*]} ..."
  quietly "${as_root[@]}" apt-get update &&
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      -o DPkg::Lock::Timeout=300 "${missing[@]}"
}

# quietly COMMAND...: its output is shown only where it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" </dev/null >"$log" 2>&1 || status=$?
  if [ $status -ne 0 ]; then
    cat "$log" >&2
    say "Failed with exit code $status: $*"
  fi
  rm -f "$log"
  return $status
}

# build_sanitized TARGET...: builds these with clang under its sanitizers, into $sanitized: the fuzz programs and the unit
# tests on one build of the rooms.
sanitized=${WORDLINE_SANITIZED_BUILD:-$root/build-sanitized}
build_sanitized() {
  local clang
  clang=$(command -v clang++-14 || command -v clang++) || { say "clang++ is not installed (tools/packages/ci)"; return 1; }
  quietly cmake -S "$root" -B "$sanitized" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -g1" \
    -DCMAKE_CXX_COMPILER="$clang" -DWORDLINE_FUZZ=ON -DWORDLINE_TESTS=ON -DWORDLINE_CLI=OFF -DWORDLINE_INSTALL=OFF &&
    quietly cmake --build "$sanitized" --target "$@"
}

# configure OPTION...: cmake on the tree, into $build.
configure() { quietly cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@"; }
