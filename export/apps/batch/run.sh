#!/usr/bin/env bash
# Faces of millions of photos, by Ray Data. See README.md.
#   export/apps/batch/run.sh PHOTOS --out FACES [--workers 2] [...]
# PYTHON is a Python 3.11 to 3.13 that makes the environment.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
root="$(cd "$here/../../.." && pwd -P)"
build="$root/build/batch"
own="$root/.venv/bin/python"
[ -x "$own" ] || own=python3
python="${PYTHON:-$own}"
. "$here/../environment.sh"
# Its own help, which names all options, once it is there.
[ -x "$build/venv/bin/python" ] || answer_help "$0" "$@"

need_python PYTHON "$python" 11 13
make_environment "$build" "$python" "$here/requirements.txt" \
  --editable "$root[train]"

module="${MODULE:-facemtl.export.apps.batch.batch}"
exec "$build/venv/bin/python" -m "$module" "$@"
