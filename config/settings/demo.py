"""The demonstration clinic's password: printed by run.sh, refused as a secret in production."""

DEMO_PASSWORD = "betony-demo-clinic"
