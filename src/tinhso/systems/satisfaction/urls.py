from django.urls import path

from .pages import applicant, results

app_name = "satisfaction"
urlpatterns = [
    path("ho-so/<uuid:dossier_id>/danh-gia/", applicant.answer, name="answer"),
    path("tra-cuu/danh-gia/", applicant.by_slip, name="by_slip"),
    path("ban-lam-viec/hai-long/", results.results, name="results"),
    path("ban-lam-viec/hai-long/<uuid:answer_id>/", results.trace, name="trace"),
]
