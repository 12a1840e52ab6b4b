"""A list of households from a file: its columns, its lines, and what they would change. Reading and deciding only; the
verbs are in ``people_import``."""
