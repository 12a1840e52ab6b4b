"""How long a request's body may be, in bytes. No Django here: the settings read it."""

BODY = 256 * 1024
"""Of every route but those that take a file."""
FILE = 10_000_000
"""A file of a person's: a photograph of a receipt, a scan, a table."""
AROUND_FILE = 16_384
"""What of a body is not the file: boundaries, and the fields beside it."""
