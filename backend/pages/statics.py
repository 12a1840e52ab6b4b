"""Static files under content-hashed names, the imports between our own script modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, which also rewrites ``import … from "./other.js"``.

    Without it a module would import its neighbours under their unhashed names, which are never cached for long: every
    page would pay a round trip for each of them.
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 12
    """One for each module in the longest chain of imports: a name changes with the names it holds."""
