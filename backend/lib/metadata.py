"""What ``OPTIONS`` says: the methods, in ``Allow``, and nothing else. Fields are described by ``/api/schema/``."""

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request


class MethodsOnly(BaseMetadata):
    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        return {}
