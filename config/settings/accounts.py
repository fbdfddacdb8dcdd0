"""Sign-in: django-allauth, the password rules and the session."""

AUTH_USER_MODEL = "people.User"
# Built on allauth's backend alone: ModelBackend beside it doubles the work of a wrong password.
AUTHENTICATION_BACKENDS = ["clinic.people.backends.AccountBackend"]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "portal:home"

# Password: length and a common list, no composition rules (NIST SP 800-63B-4 3.1.1.2).
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "clinic.people.passwords.LongestPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "clinic.people.passwords.NotTheAddressValidator"},
]
# OWASP's minimum for Argon2id. Django's default asks for 100 MiB a sign-in: twenty at once are 2
# GB.
PASSWORD_HASHERS = ["clinic.people.hashers.Argon2Hasher"]

ACCOUNT_ADAPTER = "clinic.people.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "clinic.people.forms.accounts.SignInForm",
    "signup": "clinic.people.forms.accounts.RegistrationForm",
    "reset_password": "clinic.people.forms.accounts.ResetPasswordForm",
    "add_email": "clinic.people.forms.accounts.ChangeEmailForm",
    "change_password": "clinic.people.forms.accounts.ChangePasswordForm",
    "reset_password_from_key": "clinic.people.forms.accounts.NewPasswordForm",
}

# The address is proved by a code typed into the page, never by a link: nothing in a mail signs
# anyone in, and no Host header can end up in one.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True

# One address to an account; a change takes effect when the new one is proved.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# E-mail is no authenticator (NIST SP 800-63B-4 3.1.3.1): codes verify an address or recover.
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "confirm_email": "1/10s/key",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
}

# The address is unique by its lower case (a constraint of people.User), which this check cannot
# see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
