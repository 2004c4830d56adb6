"""Static files under names that carry a hash of their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Imports between our ES modules get the hashed names, too.

    Otherwise a module that a page names and another one imports is loaded twice, under two
    addresses, and defines its custom element twice.
    """

    support_js_module_import_aggregation = True
