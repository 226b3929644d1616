#!/usr/bin/env bash
# Load-tests the server and writes result.json and result.md. See check.py.
#   export/apps/server/check.sh [--data data/MTFL] [--requests 10000] [--out DIR]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
. "$here/../environment.sh"
answer_help "$0" "$@"
cd "$here/../../.."
"$here/run.sh" --install
export TF_CPP_MIN_LOG_LEVEL=3
module="${MODULE:-facemtl.export.apps.server.check}"
exec build/server/venv/bin/python -m "$module" "$@"
