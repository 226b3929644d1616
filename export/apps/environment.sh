# What the apps' scripts do alike; they source it.

fail() {
  echo "error: $1" >&2
  exit 2
}

# make_environment FOLDER PYTHON REQUIREMENTS [ARGUMENT of pip ...]
# makes FOLDER/venv, unless it is there and no older than REQUIREMENTS.
make_environment() {
  local build="$1" python="$2" requirements="$3"
  shift 3
  local ready="$build/venv/.ready"
  [ ! "$ready" -nt "$requirements" ] || return 0
  echo "Installing $requirements into $build/venv ..." >&2
  rm -rf "$build/venv"
  mkdir -p "$build"
  { "$python" -m venv "$build/venv" &&
    "$build/venv/bin/python" -m pip install \
      --requirement "$requirements" "$@"; } > "$build/install.log" 2>&1 ||
    fail "Expected $requirements to be installable. See $build/install.log"
  touch "$ready"
}
