from django.urls import path

from .pages import applicant, heads

app_name = "complaints"
urlpatterns = [
    path("ho-so/<uuid:dossier_id>/khieu-nai/", applicant.mine, name="mine"),
    path("ho-so/<uuid:dossier_id>/khieu-nai/<uuid:complaint_id>/rut/", applicant.withdraw, name="withdraw"),
    path("ban-lam-viec/khieu-nai/", heads.listed, name="all"),
    path("ban-lam-viec/khieu-nai/<uuid:complaint_id>/", heads.judge, name="judge"),
]
