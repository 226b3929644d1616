#!/usr/bin/env bash
# Does what is exported today work in TensorFlow 2.15? See README.md.
#   export/apps/older_tensorflow/check.sh [RUN or FILE.keras ...]
# Of networks that are given, the result goes to build/older_tensorflow.
# PYTHON is the project's, OLDER_PYTHON one that has wheels of TensorFlow 2.15.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
root="$(cd "$here/../../.." && pwd -P)"
build="$root/build/older_tensorflow"
python="${PYTHON:-$root/.venv/bin/python}"
older="${OLDER_PYTHON:-python3.11}"
result="$here/result.json"
[ $# = 0 ] || result="$build/result.json"

. "$here/../environment.sh"
answer_help "$0" "$@"
for word in "$@"; do
  case "$word" in
    -*) fail "Expected runs or files. Received: $word. See check.sh --help." ;;
  esac
done

"$python" -c "import facemtl" 2> /dev/null || fail \
  "Expected a Python with facemtl. Received: $python. Set PYTHON=..."
need_python OLDER_PYTHON "$older" 10 11
make_environment "$build" "$older" "$here/requirements.txt"

export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}"
"$python" -m facemtl.export.apps.older_tensorflow.reference \
  --out "$build/reference" "$@"
# Of facemtl, the older Python sees this folder and nothing else.
cd "$here/.."
"$build/venv/bin/python" -W ignore -m older_tensorflow.check \
  "$build/reference" --result "$result"
