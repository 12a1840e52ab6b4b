"""Working days in Vietnam, and the ends of legal terms. Pure."""
