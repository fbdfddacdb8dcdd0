"""What the server of the browser tests runs with: the test settings, at its real address."""

import os

from config.settings.test import *  # noqa: F403

SITE_URL = os.environ["BROWSER_SITE_URL"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# The product's addresses and a page of the tests.
ROOT_URLCONF = "tests.browser.concept_urls"
