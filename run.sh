#!/usr/bin/env bash
# Starts Betony on this machine: ./run.sh (PORT, HOST and CLINIC_VAR are honored; see .env.example).
set -eu
cd "$(dirname "$0")"
# The embedded PostgreSQL runs as an account of its own when root starts it, and has to read .venv.
umask 022
. config/launcher/python.sh
make_environment requirements.lock
exec .venv/bin/python -m config.launcher run
