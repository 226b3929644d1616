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
  --editable "$root[train]"
# check.sh needs the environment alone.
[ "${1:-}" != --install ] || exit 0

# check CODE: runs it, and ends with the line of an InputError.
check() {
  "$build/venv/bin/python" -c "$1" 2> "$build/load.log" ||
    fail "$(tail -n 1 "$build/load.log" | sed 's/^[a-zA-Z.]*: //')"
}

check "import os
from facemtl.export.apps.server.limits import limits_from
limits_from(os.environ)"
export FACEMTL_MODEL="${1:-base}"
# As the limit for photos, which is checked before they are decoded.
export OPENCV_IO_MAX_IMAGE_PIXELS="${FACEMTL_MAX_MEGAPIXELS:-100}000000"
# MLServer would make a folder where it is started.
export MLSERVER_METRICS_DIR="${MLSERVER_METRICS_DIR:-$build/metrics}"
# glibc keeps what large requests took, unless each has a mapping of its own.
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-1000000}"
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-2}"
check "import facemtl, os; facemtl.load_network(os.environ['FACEMTL_MODEL'])"
exec "$build/venv/bin/python" -m facemtl.export.apps.server.serve \
  "$here/models"
