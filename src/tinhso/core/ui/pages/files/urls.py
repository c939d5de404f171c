from django.urls import path

from .download import file
from .picture import picture
from .reading import reading

urlpatterns = [
    path("tep/<uuid:link_id>", file, name="file"),
    path("tep/<uuid:link_id>/trang/<int:number>.png", picture, name="picture"),
    path("tep/<uuid:link_id>/doc-chu", reading, name="file_reading"),
]
