#!/usr/bin/env bash
# Builds face.cpp, compares its predictions with Python's, writes result.json.
#   export/apps/cpp/check.sh [--faces 20] [--about TEXT] [--program FILE]
# Needs a C++17 compiler, ONNX Runtime and nlohmann/json. ONNXRUNTIME is a
# folder with include/ and lib/, as in the archives of ONNX Runtime's releases;
# without it, ONNX Runtime is the system's. PYTHON is the project's.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
root="$(cd "$here/../../.." && pwd -P)"
build="$root/build/cpp"
python="${PYTHON:-$root/.venv/bin/python}"

. "$here/../environment.sh"
answer_help "$0" "$@"
"$python" -c "import facemtl" 2> /dev/null || fail \
  "Expected a Python with facemtl. Received: $python. Set PYTHON=..."

flags=(-I/usr/include/onnxruntime)
[ -z "${ONNXRUNTIME:-}" ] || flags=(
  "-I$ONNXRUNTIME/include" "-L$ONNXRUNTIME/lib" "-Wl,-rpath,$ONNXRUNTIME/lib")
mkdir -p "$build"
"${CXX:-g++}" -std=c++17 -O2 -Wall -Wextra -Werror "$here/face.cpp" \
  -o "$build/face" "${flags[@]}" -lonnxruntime || fail \
  "Expected ONNX Runtime and nlohmann/json. See $here/README.md"

export TF_CPP_MIN_LOG_LEVEL=3
cd "$root"
exec "$python" -m facemtl.export.apps.cpp.check --program "$build/face" "$@"
