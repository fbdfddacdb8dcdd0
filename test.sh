#!/usr/bin/env bash
# Checks everything: ./test.sh. With arguments, only pytest with those: ./test.sh tests/config -x
# The tests have a PostgreSQL and a Valkey of their own, thrown away at the end.
set -eu
cd "$(dirname "$0")"
umask 022
. config/launcher/python.sh
make_environment requirements-test.lock
PATH="$PWD/.venv/bin:$PATH"
export PATH PYTHONDONTWRITEBYTECODE=1

failed=
check() {
  printf '%-12s' "$1"
  shift
  if output=$("$@" 2>&1); then echo ok; else echo FAILED; printf '%s\n' "$output"; failed=1; fi
}

# Settings as in production, with secrets made up for this run.
as_production() {
  env -u DB_HOST DJANGO_SETTINGS_MODULE=config.settings.production DEBUG=false \
    SITE_URL=https://portal.betony.test ALLOWED_HOSTS=portal.betony.test \
    EMAIL_URL=smtps://mail.betony.test REDIS_URL=redis://127.0.0.1:6379/0 CLINIC_VAR="$scratch" \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(48))')" \
    FIELD_ENCRYPTION_KEY="$(python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())')" \
    "$@"
}

static_checks() {
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  check lint ruff check .
  check format ruff format --check .
  check types mypy
  check templates djlint --lint --quiet templates
  check imports lint-imports
  check deploy as_production python manage.py check --deploy --fail-level WARNING
  check static as_production python manage.py collectstatic --noinput
  rm -rf "$scratch"
  trap - EXIT
  if [ -n "$failed" ]; then exit 1; fi
}

# Browser tests need a Chromium; as root on a machine with apt it is fetched once.
find_browser() {
  python -c 'import sys; from tests.plugins.browser import find_chromium; sys.exit(not find_chromium())'
}
if ! find_browser && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the browser tests"
  { timeout 120 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -y -qq chromium; } \
    >/dev/null 2>&1 || echo "Chromium could not be installed."
fi

if [ $# -gt 0 ]; then
  exec python -m config.launcher within pytest "$@"
fi
static_checks
exec python -m config.launcher within pytest -n 3 --dist worksteal --cov --cov-report= --cov-fail-under=95
