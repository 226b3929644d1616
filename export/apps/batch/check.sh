#!/usr/bin/env bash
# Is each photo answered once, and alike, whatever is killed? See README.md.
#   export/apps/batch/check.sh [--photos 2000] [--data data/MTFL] [--out DIR]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
. "$here/../environment.sh"
answer_help "$0" "$@"
MODULE=facemtl.export.apps.batch.check.check exec "$here/run.sh" "$@"
