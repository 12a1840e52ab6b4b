"""What both sides of a benchmark call a camera; apart, so that the floor need not load what paints."""


def path_of(number: int) -> str:
    return f"cam{number:03d}"
