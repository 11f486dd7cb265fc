"""/api/<label>/… of each application of EXTRA_APPS that has routes."""

from django.apps import apps
from django.conf import settings
from django.urls import include, path
from django.utils.module_loading import module_has_submodule

others = [
    config
    for config in apps.get_app_configs()
    if any(f"{entry}.".startswith(f"{config.name}.") for entry in settings.EXTRA_APPS)
]
with_routes = [config for config in others if module_has_submodule(config.module, "urls")]

urlpatterns = [path(f"{config.label}/", include(f"{config.name}.urls")) for config in with_routes]
