"""The demonstration clinic: never part of production."""

# Printed by run.sh, so no secret.
DEMO_PASSWORD = "betony-demo-clinic"
