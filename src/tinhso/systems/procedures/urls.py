from django.urls import path

from .pages import catalogue, designer, editor, fee, letter, trial

app_name = "procedures"
DESK = "ban-lam-viec/danh-muc/"
CASE = f"{DESK}thay-doi/<uuid:revision_id>/<slug:case>"
urlpatterns = [
    path("thu-tuc/", catalogue.catalogue, name="catalogue"),
    path("thu-tuc/<str:code>/", catalogue.procedure, name="procedure"),
    path(DESK, editor.overview, name="editor"),
    path(f"{DESK}moi/", editor.start, name="start"),
    path(f"{DESK}cau-hoi/<uuid:flag_id>/", editor.answer, name="answer"),
    path(f"{DESK}thay-doi/<uuid:revision_id>/", editor.revision, name="revision"),
    path(f"{DESK}thay-doi/<uuid:revision_id>/<slug:verb>/", editor.move, name="move"),
    path(f"{CASE}/le-phi/", fee.fee, name="fee"),
    path(f"{CASE}/van-ban/", letter.letter, name="letter"),
    path(f"{CASE}/van-ban.pdf", letter.letter_preview, name="letter_pdf"),
    path(f"{CASE}/van-ban-<int:page>.png", letter.letter_preview, name="letter_page"),
    path(f"{CASE}/<slug:part>/", designer.designer, name="designer"),
    path(f"{CASE}/<slug:part>/thu/", trial.trial, name="trial"),
    path(f"{DESK}thu-tuc/<str:code>/", editor.history, name="history"),
    path(f"{DESK}thu-tuc/<str:code>/sua/", editor.begin, name="begin"),
    path(f"{DESK}thu-tuc/<str:code>/<int:number>/dung-lai/", editor.bring_back, name="bring_back"),
    path(f"{DESK}thu-tuc/<str:code>/rut/", editor.withdraw, name="withdraw"),
]
