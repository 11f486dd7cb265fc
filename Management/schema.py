"""What drf-spectacular is told for /api/schema/ and /api/docs/."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "TITLE": "Incident Management",
    "DESCRIPTION": "Tickets, and everyone who should know is told.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": r"/api/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "core.models.Role",
        "StatusEnum": "core.models.Status",
        "PriorityEnum": "core.models.Priority",
        "DeliveryStatusEnum": "core.models.DeliveryStatus",
        "SlaStateEnum": "core.domain.sla.CHOICES",
        "ActionEnum": "core.domain.transitions.ACTIONS",
    },
}
