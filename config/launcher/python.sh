# Sourced by run.sh and test.sh: finds a Python, makes .venv, installs from the lock when it changed.

fail() { echo "$1" >&2; exit 1; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" >/dev/null 2>&1 || fail "PYTHON is set to $PYTHON, which is not a program."
    is_new_enough "$PYTHON" || fail "PYTHON is set to $PYTHON, which is older than Python 3.11."
    echo "$PYTHON"
    return
  fi
  for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
    if command -v "$name" >/dev/null 2>&1 && is_new_enough "$name"; then echo "$name"; return; fi
  done
  if command -v python3 >/dev/null 2>&1; then
    fail "Betony needs Python 3.11 or newer, and $(python3 --version 2>&1) is all there is; name another with PYTHON=..."
  fi
  fail "Betony needs Python 3.11 or newer, and there is no python3 on this machine."
}

lock_stamp() { cksum <"$1" | tr ' ' -; }

# make_environment LOCK: leaves a .venv with everything LOCK lists.
make_environment() {
  if [ ! -x .venv/bin/python ] || ! is_new_enough .venv/bin/python; then
    # Assigned apart from its use: a failure inside a substitution only counts here.
    python=$(find_python)
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
      fail "The Python module venv is missing: install it (on Debian and Ubuntu: apt install python3-venv)."
    echo "Making .venv with $("$python" --version 2>&1)"
    rm -rf .venv
    "$python" -m venv .venv || fail "The virtual environment .venv could not be made; the lines above say why."
  fi
  wanted=$(lock_stamp "$1")
  # What the tests install contains what the product needs, so either stamp will do for run.sh.
  for stamp in ".venv/$1.stamp" ".venv/requirements-test.lock.stamp"; do
    if [ -f "$stamp" ] && grep -qx "$1 $wanted" "$stamp"; then return; fi
  done
  echo "Installing what $1 lists (the first time takes a minute)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes -r "$1" || fail "The packages of $1 could not be installed; the lines above say why."
  rm -f .venv/*.stamp
  echo "$1 $wanted" >".venv/$1.stamp"
  if [ "$1" = requirements-test.lock ]; then
    echo "requirements.lock $(lock_stamp requirements.lock)" >>".venv/$1.stamp"
  fi
}
