"""Routes that answer with a file: a picture, a paper, a table."""

from rest_framework.renderers import JSONRenderer


class AnyAccept(JSONRenderer):
    """Renders problems only; the file is the view's own response.

    Whoever loads a picture says ``Accept: image/*``, and would be told 406 by a route that renders JSON alone.
    """

    media_type = "*/*"


FILES = [AnyAccept]
"""``renderer_classes`` of such a view."""
