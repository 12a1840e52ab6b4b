"""What ``OPTIONS`` says: the methods, in ``Allow``. REST framework's own answer describes fields; the schema is better."""

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request


class MethodsOnly(BaseMetadata):
    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        return {}
