"""Our own supervisor: starts the product's processes, restarts what dies, and leaves nothing behind. No Django here."""
