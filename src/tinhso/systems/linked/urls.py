from django.urls import path

from .pages import citizen, staff

app_name = "linked"
urlpatterns = [
    path("ho-so/<uuid:dossier_id>/lien-thong/", citizen.joint, name="joint"),
    path("ho-so/<uuid:dossier_id>/lien-thong/<slug:part>/bo-sung/", citizen.supplement, name="supplement"),
    path("ban-lam-viec/lien-thong/", staff.in_work, name="in_work"),
    path("ban-lam-viec/lien-thong/<uuid:dossier_id>/", staff.one, name="one"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/ket-qua-noi-khac/", staff.decide, name="decide"),
]
