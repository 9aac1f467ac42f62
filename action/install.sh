#!/usr/bin/env bash
# Finds, fetches or builds the program. What is fetched runs only if its checksum stands in the table; a checksum that
# does not hold ends the job, whatever else could still be tried.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# shellcheck source=action/common.sh
. "$here/common.sh"

mode=${SHIPWORTHY_ACTION_INSTALL:-auto}
binary=${SHIPWORTHY_ACTION_BINARY:-}
checksums=${SHIPWORTHY_ACTION_CHECKSUMS:-$here/checksums.txt}
attestation=${SHIPWORTHY_ACTION_VERIFY_ATTESTATION:-auto}
repository=${SHIPWORTHY_ACTION_REPOSITORY:-}
server=${GITHUB_SERVER_URL:-https://github.com}
own_version=$(sed -n 's/^version = "\([^"]*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)
version=${SHIPWORTHY_ACTION_VERSION:-$own_version}
version=${version#v}

# installed PATH FROM: hands the program on, once it has said that it is the one.
installed() {
  local path=$1 from=$2 said wanted
  said=$("$path" --version 2>/dev/null) || fail "$path does not run on this machine"
  said=${said%$'\r'}
  # Whoever brings a program along has chosen its version, unless they name one as well.
  wanted="shipworthy $version"
  if [ "$from" = binary ] && [ -z "${SHIPWORTHY_ACTION_VERSION:-}" ]; then wanted="shipworthy [0-9]*"; fi
  # shellcheck disable=SC2254 # a pattern is meant
  case $said in
    $wanted) ;;
    *) fail "$path says that it is \`$said\`, not \`shipworthy $version\`" ;;
  esac
  output path "$path"
  output installed-from "$from"
  printf '%s, from: %s\n' "$(plain "$said")" "$from"
  exit 0
}

# The name of this machine as Rust tells it; nothing where no archive is made for it.
target() {
  case ${RUNNER_OS:-}/${RUNNER_ARCH:-} in
    Linux/X64) echo x86_64-unknown-linux-musl ;;
    Linux/ARM64) echo aarch64-unknown-linux-musl ;;
    macOS/X64) echo x86_64-apple-darwin ;;
    macOS/ARM64) echo aarch64-apple-darwin ;;
    Windows/X64) echo x86_64-pc-windows-msvc ;;
    Windows/ARM64) echo aarch64-pc-windows-msvc ;;
  esac
}

# provenance ARCHIVE: who built it, as far as that can be asked here.
provenance() {
  if [ "$attestation" = never ]; then return 0; fi
  if ! command -v gh >/dev/null 2>&1 || ! gh attestation verify --help >/dev/null 2>&1 ||
    [ -z "${SHIPWORTHY_ACTION_TOKEN:-}" ] || [ -z "$repository" ]; then
    if [ "$attestation" = required ]; then
      fail "the provenance of the download cannot be verified: that needs the GitHub CLI, a token and the action's repository"
    fi
    return 0
  fi
  GH_TOKEN=$SHIPWORTHY_ACTION_TOKEN gh attestation verify "$1" --repo "$repository" \
    --signer-workflow "$repository/.github/workflows/release.yml" --deny-self-hosted-runners >/dev/null ||
    fail "the provenance of the download does not hold, so it is not run (\`verify-attestation: never\` leaves the checksum alone to decide)"
}

# unpack ARCHIVE EXPECTED FROM: runs nothing that the table does not know.
unpack() {
  local archive=$1 expected=$2 from=$3 found folder program=shipworthy
  # A copy that nobody else can change is what is hashed and run: the cache belongs to every job of the machine.
  folder=$(scratch)
  cp "$archive" "$folder/archive.tar.gz" || fail "$archive cannot be copied"
  found=$(sha256 "$folder/archive.tar.gz")
  if [ "$found" != "$expected" ]; then
    fail "$archive has the SHA-256 $found, and the table says $expected: it is not run"
  fi
  provenance "$folder/archive.tar.gz"
  if [ "${RUNNER_OS:-}" = Windows ]; then program=shipworthy.exe; fi
  # From within the folder: tar takes a drive letter for the name of a host.
  (cd "$folder" && tar -xzf archive.tar.gz "$program") || fail "there is no $program in $archive"
  rm -f "$folder/archive.tar.gz"
  installed "$folder/$program" "$from"
}

# Fetches the archive that the table knows; comes back, with the reason in $why, where there is none to be had.
download() {
  local target archive expected base protocol='=https' cache folder
  target=$(target)
  if [ -z "$target" ]; then
    why="no archive is made for ${RUNNER_OS:-this system} on ${RUNNER_ARCH:-this processor}"
    return 0
  fi
  archive=shipworthy-$version-$target.tar.gz
  if [ ! -f "$checksums" ]; then fail "there is no table of checksums at $checksums"; fi
  expected=$(awk -v name="$archive" '{ sub(/\r$/, "") } $2 == name { print tolower($1); exit }' "$checksums")
  if [ -z "$expected" ]; then
    why="the table of checksums does not know $archive"
    return 0
  fi

  # The tool cache keeps archives and not programs, so that every run verifies what it runs.
  cache=${RUNNER_TOOL_CACHE:+$RUNNER_TOOL_CACHE/shipworthy/$version}
  if [ -n "$cache" ] && [ -f "$cache/$archive" ]; then unpack "$cache/$archive" "$expected" cache; fi

  base=${SHIPWORTHY_ACTION_BASE_URL:-$server/$repository/releases/download/v$version}
  case $base in
    https://*) ;;
    # A server on this machine needs no transport to be secured.
    http://127.0.0.1:* | http://localhost:*) protocol='=http' ;;
    *) fail "the input \`base-url\` has to begin with https://" ;;
  esac
  folder=$(scratch)
  if ! curl --proto "$protocol" --proto-redir "$protocol" --tlsv1.2 --retry 3 --connect-timeout 20 --max-time 600 -fsSL \
    -o "$folder/$archive" -- "${base%/}/$archive"; then
    why="$archive cannot be fetched from ${base%/}"
    return 0
  fi
  if [ "$(sha256 "$folder/$archive")" = "$expected" ] && [ -n "$cache" ] && mkdir -p "$cache" 2>/dev/null; then
    # Two jobs may fetch at once: the file appears whole or not at all. A cache that cannot be written is none.
    if cp "$folder/$archive" "$cache/.$$-$archive" 2>/dev/null; then mv -f "$cache/.$$-$archive" "$cache/$archive" || true; fi
  fi
  unpack "$folder/$archive" "$expected" download
}

build() {
  local folder program=shipworthy
  if [ "$version" != "$own_version" ]; then
    fail "this action builds version $own_version and no other: use it at v$version, or leave the input \`version\` out"
  fi
  if ! command -v cargo >/dev/null 2>&1; then
    fail "there is no cargo on this runner to build with; set up Rust before, or bring the program with \`binary\`"
  fi
  folder=$(scratch)
  # Settings of the workspace's own Rust project, its .cargo/config.toml included, are not meant for this build.
  (
    cd "$root"
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_BUILD_RUSTFLAGS RUSTC_WRAPPER
    cargo build --locked --release --target-dir "$folder/target"
  ) || fail "the program cannot be built from the action's source (see the lines above)"
  if [ "${RUNNER_OS:-}" = Windows ]; then program=shipworthy.exe; fi
  cp "$folder/target/release/$program" "$folder/$program"
  rm -rf "$folder/target"
  installed "$folder/$program" build
}

one_of install "$mode" auto binary download build
one_of verify-attestation "$attestation" auto required never
case $version in
  *[!0-9A-Za-z.+-]* | '' | [!0-9]*) fail "\`$version\` is no version" ;;
esac
why=
case $mode in
  auto)
    if [ -n "$binary" ]; then installed "$binary" binary; fi
    download
    notice "$why: the program is built from source, which takes some minutes"
    build
    ;;
  binary)
    if [ -z "$binary" ]; then fail "\`install: binary\` needs the path of the program in \`binary\`"; fi
    installed "$binary" binary
    ;;
  download)
    download
    fail "$why"
    ;;
  build) build ;;
esac
