from django.urls import path

from . import administration, choices, pages

urlpatterns = [
    path("thong-bao/", pages.listing, name="notices"),
    path("thong-bao/da-doc", pages.read_all, name="notices_read"),
    path("thong-bao/<uuid:notice_id>", pages.one, name="notice"),
    path("thong-bao/ngung/<str:token>", choices.stop, name="notice_stop"),
    path("toi/thong-bao/", choices.preferences, name="notice_choices"),
    path("toi/thong-bao/thiet-bi", choices.add_device, name="device_add"),
    path("toi/thong-bao/thiet-bi/<uuid:device_id>/bo", choices.remove_device, name="device_remove"),
    path("bao-tin.js", choices.service_worker, name="service_worker"),
    path("quan-tri/kenh-thong-bao/", administration.ways, name="notice_ways"),
    path("quan-tri/kenh-thong-bao/<slug:name>/thu", administration.test, name="channel_test"),
    path("quan-tri/kenh-thong-bao/<slug:name>/gui-lai", administration.again, name="channel_again"),
    path("quan-tri/kenh-thong-bao/loai/<str:name>", administration.kind, name="notice_kind"),
]
