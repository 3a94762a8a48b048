"""Static files under names that change with their content, so that browsers keep them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """As whitenoise has it; what a script imports is found under such a name too."""

    support_js_module_import_aggregation = True
