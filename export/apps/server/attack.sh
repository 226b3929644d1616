#!/usr/bin/env bash
# Attacks the server and writes attacks.json and attacks.md. See attack.py.
#   export/apps/server/attack.sh [--server SCRIPT] [--out FILE]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
. "$here/../environment.sh"
answer_help "$0" "$@"
MODULE=facemtl.export.apps.server.attack exec "$here/check.sh" "$@"
