#!/bin/sh
# Installs what the tests in a browser need and the machine lacks, by apt-get
# and as root only. Says what stays missing, and which tests are left out for
# it; the others run all the same, so this never fails. `make test` calls it.

[ $# = 0 ] || {
  echo "usage: sh tests/browser.sh, without words" >&2
  exit 2
}

is_there() {
  for program in "$@"; do
    ! command -v "$program" > /dev/null 2>&1 || return 0
  done
  return 1
}

# left_out PROGRAM REASON: one line.
left_out() {
  case $1 in
    npm) tests="those of the web app (marked npm)" ;;
    *) tests="those in a browser (marked browser)" ;;
  esac
  echo "Left out of the tests: $tests. Expected $1 to be installed." \
    "Received: $2. As root: apt-get install $1"
}

# install PACKAGE: each by itself, so that one that cannot be had, as Debian's
# npm beside another Node.js, does not keep the other away.
install() {
  log=$(mktemp)
  if apt-get install -y -qq "$1" > "$log" 2>&1 < /dev/null; then
    echo "Installed $1, for the tests in a browser."
  else
    reason=$(grep -m 1 '^E: ' "$log" || tail -n 1 "$log")
    left_out "$1" "apt-get: ${reason%.}"
  fi
  rm -f "$log"
}

missing=
is_there chromium chromium-browser google-chrome || missing=chromium
is_there npm || missing="$missing npm"
[ -n "$missing" ] || exit 0

reason=
[ "$(id -u)" = 0 ] || reason="the user is not root"
is_there apt-get || reason="no apt-get"
export DEBIAN_FRONTEND=noninteractive
# Old lists may do: what they cannot give, its own line says.
[ -n "$reason" ] || apt-get update -qq > /dev/null 2>&1 || true
for package in $missing; do
  if [ -n "$reason" ]; then
    left_out "$package" "$reason"
  else
    install "$package"
  fi
done
