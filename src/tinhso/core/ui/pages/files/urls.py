from django.urls import path

from .download import file
from .picture import picture

urlpatterns = [
    path("tep/<uuid:link_id>", file, name="file"),
    path("tep/<uuid:link_id>/trang/<int:number>.png", picture, name="picture"),
]
