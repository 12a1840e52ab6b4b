"""How the audit chain leaves the machine: heads signed daily, copies elsewhere, exports that anybody can check."""
