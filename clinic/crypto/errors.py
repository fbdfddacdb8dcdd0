"""What can go wrong with sealed data. No message carries a value, a key or a ciphertext."""

from django.core.exceptions import FieldError, ImproperlyConfigured


class KeyringInvalid(ImproperlyConfigured):
    """FIELD_ENCRYPTION_KEY cannot be used as it stands."""


class SealError(Exception):
    """Sealed data could not be written or read."""


class WrongKey(SealError):
    """No key of FIELD_ENCRYPTION_KEY opens this data key."""


class KeyShredded(SealError):
    """The data key was destroyed on purpose; what it sealed cannot be read again."""


class OpenRefused(SealError):
    """The sealed value was altered, cut, or moved to another row, column or owner."""


class KeyMissing(OpenRefused):
    """The data key that a sealed value names does not exist."""


class OwnerMoved(SealError):
    """A row changed its owner without its sealed columns being written with it."""


class SealedFieldMisuse(FieldError):
    """A sealed field was used in a way that would need its plaintext in the database."""
