"""`/mail/`: the mail that the local sink kept. Routed in DEBUG only."""
