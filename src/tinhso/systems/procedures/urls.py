from django.urls import path

from .pages import catalogue, editor

app_name = "procedures"
DESK = "ban-lam-viec/danh-muc/"
urlpatterns = [
    path("thu-tuc/", catalogue.catalogue, name="catalogue"),
    path("thu-tuc/<str:code>/", catalogue.procedure, name="procedure"),
    path(DESK, editor.overview, name="editor"),
    path(f"{DESK}moi/", editor.start, name="start"),
    path(f"{DESK}cau-hoi/<uuid:flag_id>/", editor.answer, name="answer"),
    path(f"{DESK}thay-doi/<uuid:revision_id>/", editor.revision, name="revision"),
    path(f"{DESK}thay-doi/<uuid:revision_id>/<slug:verb>/", editor.move, name="move"),
    path(f"{DESK}thu-tuc/<str:code>/", editor.history, name="history"),
    path(f"{DESK}thu-tuc/<str:code>/sua/", editor.begin, name="begin"),
    path(f"{DESK}thu-tuc/<str:code>/rut/", editor.withdraw, name="withdraw"),
]
