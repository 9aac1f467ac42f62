# shellcheck shell=bash
# The tools that tests start, kept between runs. Sourced, never run.

# kept NAME LIST COMMAND...: sets TOOLS to a folder that the command has filled, once for each content of the list. The
# command gets the folder as its last argument.
kept() {
  local name=$1 list=$2
  shift 2
  TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/shipworthy/$name-$(cksum <"$list" | cut -d ' ' -f 1)
  mkdir -p "${TOOLS%/*}"
  # Suites run at the same time, and the first one fills the folder for all.
  (
    flock 9
    if [ ! -f "$TOOLS/complete" ]; then
      rm -rf "$TOOLS"
      "$@" "$TOOLS" && touch "$TOOLS/complete"
    fi
  ) 9>"$TOOLS.lock"
  [ -f "$TOOLS/complete" ]
}

python_list=$(dirname "${BASH_SOURCE[0]}")/action/requirements.txt

fill_python() {
  python3 -m venv "$1" && "$1/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -r "$python_list"
}

# The runner engine and the linters.
python_tools() { kept action "$python_list" fill_python; }

fill_node() { mkdir -p "$2" && cp "$1" "$2/package.json" && npm install --prefix "$2" --no-audit --no-fund --silent --no-package-lock; }

# node_tools NAME LIST: what a package.json lists.
node_tools() { kept "$1" "$2" fill_node "$2"; }
