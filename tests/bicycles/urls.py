"""Below /api/bicycles/."""

from django.urls import path

from tests.bicycles.views import BicycleDetail

urlpatterns = [path("<int:pk>/", BicycleDetail.as_view(), name="bicycle")]
