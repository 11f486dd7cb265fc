"""`/metrics`, for Prometheus."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django_prometheus.exports import ExportToDjangoView

from core.notifications import gauges
from core.views.errors import read_only


@read_only
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """What this process has counted, or all that share a folder; and how the deliveries stand, whoever is asked."""
    counted: HttpResponse = ExportToDjangoView(request)
    counted.content += gauges.page.text()
    return counted
