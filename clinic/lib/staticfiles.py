"""How static files are named in production: by their content, so a browser may keep them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ContentNamedStorage(CompressedManifestStaticFilesStorage):
    """Also renames what the `import` lines of modules point at, which Django leaves alone.

    Without it every module behind `js/app.js` would be asked for again on each page. Only our own
    folder: a comment in a third party's script reads like an import of a file that is not there.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
