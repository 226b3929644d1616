# What the apps' scripts do alike; they source it.

fail() {
  echo "error: $*" >&2
  exit 2
}

# answer_help FILE WORD...
# ends with the comment at the top of FILE if a word asks for help, before
# anything is installed.
answer_help() {
  local file="$1" word
  shift
  for word in "$@"; do
    case "$word" in
      -h | --help)
        sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$file"
        exit 0
        ;;
    esac
  done
}

# need_python VARIABLE PYTHON LOW HIGH
# ends with a line unless PYTHON, which VARIABLE sets, is Python 3.LOW to 3.HIGH
# and can make an environment.
need_python() {
  local variable="$1" python="$2" low="$3" high="$4"
  local version="(3, $low) <= sys.version_info[:2] <= (3, $high)"
  "$python" -c "import sys; assert $version" 2> /dev/null || fail \
    "Expected Python 3.$low to 3.$high. Received: $python" \
    "($("$python" --version 2>&1 | head -n 1)). Set $variable=..."
  "$python" -c "import ensurepip, venv" 2> /dev/null || fail \
    "Expected Python's modules venv and ensurepip. Received: $python" \
    "without them. On Debian or Ubuntu, install python3-venv, or set $variable=..."
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
