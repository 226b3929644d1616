#!/usr/bin/env bash
# Serves the faces in photos by the V2 inference protocol. See README.md.
#   export/apps/server/run.sh [NETWORK]
# NETWORK is a preset, or what facemtl export wrote; "base" by default.
# PYTHON is the one that the environment in build/server is made of.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
root="$(cd "$here/../../.." && pwd -P)"
build="$root/build/server"
python="${PYTHON:-python3}"
. "$here/../environment.sh"
answer_help "$0" "$@"
case "${1:-}" in
  --install) ;;
  -*) fail "Expected a NETWORK. Received: $1. See run.sh --help." ;;
esac
[ $# -le 1 ] || fail "Expected one NETWORK. Received: $*."

# MLServer has no release for a later one.
need_python PYTHON "$python" 11 12
make_environment "$build" "$python" "$here/requirements.txt" \
  --editable "$root"
# check.sh needs the environment alone.
[ "${1:-}" != --install ] || exit 0

export FACEMTL_MODEL="${1:-base}"
# A photo of more pixels is refused before it is unpacked.
export OPENCV_IO_MAX_IMAGE_PIXELS="${OPENCV_IO_MAX_IMAGE_PIXELS:-100000000}"
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-2}"
"$build/venv/bin/python" -c \
  "import facemtl, sys; facemtl.load_network(sys.argv[1])" "$FACEMTL_MODEL" \
  2> "$build/load.log" || fail "$(tail -n 1 "$build/load.log" |
    sed 's/^[a-zA-Z.]*InputError: //')"
exec "$build/venv/bin/mlserver" start "$here/models"
