from django.urls import path

from .download import file

urlpatterns = [path("tep/<uuid:link_id>", file, name="file")]
