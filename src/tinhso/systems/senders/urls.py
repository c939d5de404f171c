from django.urls import path

from . import pages

app_name = "senders"
urlpatterns = [
    path("ban-lam-viec/nhieu-ho-so/", pages.choose, name="choose"),
    path("ban-lam-viec/nhieu-ho-so/<str:code>/<str:variant>/", pages.bring, name="bring"),
    path("ban-lam-viec/nhieu-ho-so/<str:code>/<str:variant>/mau.xlsx", pages.blank, name="blank"),
    path("ban-lam-viec/tep-ho-so/<uuid:sending_id>/", pages.sending, name="sending"),
    path("ban-lam-viec/tep-ho-so/<uuid:sending_id>/ket-qua.xlsx", pages.outcomes, name="outcomes"),
    path("ban-lam-viec/tep-ho-so/<uuid:sending_id>/nop/", pages.confirm, name="confirm"),
    path("ban-lam-viec/tep-ho-so/<uuid:sending_id>/bo/", pages.discard, name="discard"),
]
