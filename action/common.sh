# shellcheck shell=bash
# What the scripts of the action share. Sourced, never run.

# Text that stays text in a line that the runner reads: one line, and no command in it.
plain() {
  local text=$1
  text=${text//$'\r'/ }
  text=${text//$'\n'/ }
  text=${text//'##['/'## ['}
  text=${text//%/%25}
  printf '%s' "$text"
}

notice() { printf '::notice title=Shipworthy::%s\n' "$(plain "$1")"; }
warning() { printf '::warning title=Shipworthy::%s\n' "$(plain "$1")"; }

# The user's mistake, or something that must not be trusted: nothing goes on after it.
fail() {
  printf '::error title=Shipworthy::%s\n' "$(plain "$1")"
  exit 2
}

# An output is one line of a file, and a second line would be a second output.
output() {
  case $2 in
    *$'\n'* | *$'\r'*) fail "the output $1 would have more than one line" ;;
  esac
  printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/null}"
}

# one_of NAME VALUE CHOICE...
one_of() {
  local name=$1 value=$2 choice
  shift 2
  for choice in "$@"; do
    if [ "$value" = "$choice" ]; then return 0; fi
  done
  fail "the input \`$name\` is \`$value\`, and has to be one of: $*"
}

# lines TEXT: sets LINES_OF to the lines without blanks around them, empty ones left out.
lines() {
  local line
  LINES_OF=()
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line//$'\r'/}
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    if [ -n "$line" ]; then LINES_OF+=("$line"); fi
  done <<<"$1"
}

# A new folder that only this user sees, in the one that the runner empties behind every job.
scratch() { mktemp -d "${RUNNER_TEMP:?is not set, and a runner sets it}/shipworthy.XXXXXX"; }

# The SHA-256 of a file. macOS has no sha256sum. By standard input, or a backslash in the path would change the line.
sha256() {
  local line
  if command -v sha256sum >/dev/null 2>&1; then
    line=$(sha256sum <"$1")
  elif command -v shasum >/dev/null 2>&1; then
    line=$(shasum -a 256 <"$1")
  else
    fail "neither sha256sum nor shasum is on this runner, so nothing can be verified"
  fi
  printf '%s' "${line%% *}"
}
