"""/api/<label>/… of each application of EXTRA_APPS that has routes."""

from django.apps import AppConfig, apps
from django.conf import settings
from django.urls import include, path
from django.utils.module_loading import module_has_submodule

names = {AppConfig.create(entry).name for entry in settings.EXTRA_APPS}
others = [config for config in apps.get_app_configs() if config.name in names]
with_routes = [config for config in others if module_has_submodule(config.module, "urls")]

urlpatterns = [path(f"{config.label}/", include(f"{config.name}.urls")) for config in with_routes]
