from django.urls import path

from . import pages

app_name = "national_portal"
_HERE = "quan-tri/cong-quoc-gia/"
urlpatterns = [
    path(_HERE, pages.overview, name="overview"),
    path(f"{_HERE}bat-dau", pages.begin, name="begin"),
    path(f"{_HERE}gui-lai", pages.send_all_again, name="send_all_again"),
    path(f"{_HERE}<uuid:item_id>/gui-lai", pages.send_again, name="send_again"),
    path(f"{_HERE}<uuid:item_id>/bo-qua", pages.skip, name="skip"),
    path(f"{_HERE}ho-so/<uuid:application_id>/nhan-lai", pages.ask_again, name="ask_again"),
    path(f"{_HERE}danh-muc", pages.ask_for_catalogue, name="catalogue"),
    path("cong-quoc-gia/tep/<uuid:link_id>/<str:mac>", pages.file, name="file"),
]
