#!/bin/sh
# Runs the tests of facemtl.mtl under other backends of Keras, each in an
# environment of its own, which the first call makes: $VENV-jax, $VENV-torch.
# On Linux, an index of all builds gives the largest of PyTorch, for GPUs: add
# one of CPU builds by pip's own PIP_EXTRA_INDEX_URL. `make test` leaves out
# tests marked slow: JAX compiles every new shape. Without MARKS, `facemtl fit`
# is tested too, with the packages of $PYTHON beside the backend's.

[ $# -gt 0 ] || {
  echo "usage: [MARKS='not slow'] sh tests/backends.sh jax|torch ..." >&2
  exit 2
}
for backend; do
  case $backend in
    jax | torch) ;;
    *)
      echo "error: Expected a backend of jax and torch. Received: $backend." >&2
      exit 2
      ;;
  esac
done
set -e
cd "$(dirname "$0")/.."
for backend; do
  folder=${VENV:-.venv}-$backend
  needs=tests/backends/$backend.txt
  if [ ! -f "$folder/.ready" ] || [ "$needs" -nt "$folder/.ready" ]; then
    "${PYTHON:-python3}" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --requirement "$needs"
    touch "$folder/.ready"
  fi
  echo "facemtl.mtl under $backend:"
  # Warnings of other packages' versions are no failures here.
  KERAS_BACKEND=$backend PYTHONPATH=. "$folder/bin/python" -m pytest -q -n 2 -m "${MARKS:-}" \
    -o addopts= -o filterwarnings=ignore -p no:cacheprovider tests/backends
  [ -z "${MARKS:-}" ] || continue
  echo "facemtl fit under $backend:"
  place='import sysconfig; print(sysconfig.get_path("purelib"))'
  own=$("$folder/bin/python" -c "$place")
  more=$("${PYTHON:-python3}" -c "$place")
  KERAS_BACKEND=$backend PYTHONPATH=".:$own:$more" "$folder/bin/python" -m pytest -q \
    -o addopts= -o filterwarnings=ignore -p no:cacheprovider tests/backends/fit_backend.py
done
