#!/usr/bin/env bash
# Faces of millions of photos, by Ray Data. See README.md.
#   export/apps/batch/run.sh PHOTOS --out FACES [--workers 2] [...]
# PYTHON is a Python 3.11 to 3.13 that makes the environment.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
root="$(cd "$here/../../.." && pwd -P)"
build="$root/build/batch"
python="${PYTHON:-$root/.venv/bin/python}"
[ -x "$python" ] || command -v "$python" > /dev/null || python=python3
. "$here/../environment.sh"

"$python" -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))" \
  2> /dev/null || fail \
  "Expected Python 3.11 to 3.13. Received: $python. Set PYTHON=..."
make_environment "$build" "$python" "$here/requirements.txt" --editable "$root"

module="${MODULE:-facemtl.export.apps.batch.batch}"
exec "$build/venv/bin/python" -m "$module" "$@"
