"""Who may use a whole endpoint; who may act on one ticket is said in domain/transitions.py."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from core.authentication import session_of
from core.models import Role


class IsAdmin(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return session_of(request).user.role == Role.ADMIN
