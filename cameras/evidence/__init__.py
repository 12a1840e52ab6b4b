"""The package that leaves: footage as recorded, what it hangs on, and a signature. Pure: files and arithmetic only."""
