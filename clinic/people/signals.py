"""What the people domain announces after commit."""

from django.dispatch import Signal

# access_changed(user_id): a role began or ended, the account was closed or reopened, or the
# password changed. Whoever holds something open for this person (a socket) closes it.
access_changed = Signal()
