#!/usr/bin/env bash
# Attacks the server and writes attacks.json and attacks.md. See attack.py.
#   export/apps/server/attack.sh [--server SCRIPT] [--out FILE]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
. "$here/../environment.sh"
answer_help "$0" "$@"
cd "$here/../../.."
"$here/run.sh" --install
export TF_CPP_MIN_LOG_LEVEL=3
exec build/server/venv/bin/python -m facemtl.export.apps.server.attack "$@"
