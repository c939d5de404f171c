from django.urls import path

from . import pages

urlpatterns = [
    path("thong-bao/", pages.listing, name="notices"),
    path("thong-bao/da-doc", pages.read_all, name="notices_read"),
    path("thong-bao/<uuid:notice_id>", pages.one, name="notice"),
]
