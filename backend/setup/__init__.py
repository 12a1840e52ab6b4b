"""What has to be there before the product can start: packages, page scripts, compiled messages.

Only the standard library is imported here: it runs on the machine's own Python, before ``.venv`` exists.
"""
