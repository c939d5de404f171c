from django.urls import path

from .pages import apply, citizen, counter, desk, public, takeover, work

app_name = "dossiers"
urlpatterns = [
    path("tra-cuu/", public.lookup, name="lookup"),
    path("xac-minh/", public.verify, name="verify_file"),
    path("xac-minh/<uuid:token>/", public.verify, name="verify"),
    path("nop-ho-so/ban-nhap/<uuid:draft_id>/", apply.tasks, name="draft"),
    path("nop-ho-so/ban-nhap/<uuid:draft_id>/kiem-tra/", apply.review, name="review"),
    path("nop-ho-so/ban-nhap/<uuid:draft_id>/bo/", apply.discard, name="discard"),
    path("nop-ho-so/ban-nhap/<uuid:draft_id>/<slug:page>/", apply.page, name="page"),
    path("nop-ho-so/<str:code>/<str:variant>/", apply.begin, name="apply"),
    path("ho-so/", citizen.mine, name="mine"),
    path("ho-so/<uuid:dossier_id>/", citizen.one, name="one"),
    path("ho-so/<uuid:dossier_id>/da-nop/", apply.submitted, name="submitted"),
    path("ho-so/<uuid:dossier_id>/rut/", citizen.withdraw, name="withdraw"),
    path("ho-so/<uuid:dossier_id>/bien-nhan/", citizen.receipt, name="receipt"),
    path("ban-lam-viec/", desk.desk, name="desk"),
    path("ban-lam-viec/so-lieu/<slug:name>/", desk.figure, name="figure"),
    path("ban-lam-viec/chuyen-giao/", takeover.choose, name="takeover"),
    path("ban-lam-viec/chuyen-giao/<uuid:run_id>/", takeover.run, name="takeover_run"),
    path("ban-lam-viec/chuyen-giao/<uuid:run_id>/nhan/", takeover.confirm, name="takeover_confirm"),
    path("ban-lam-viec/chuyen-giao/<uuid:run_id>/bo/", takeover.discard, name="takeover_discard"),
    path("ban-lam-viec/tiep-nhan/", counter.choose, name="counter"),
    path("ban-lam-viec/tiep-nhan/<str:code>/<str:variant>/", counter.begin, name="counter_begin"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/", desk.dossier, name="work"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/nhan-viec/", work.claim, name="claim"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/tiep-nhan/", work.accept, name="accept"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/tu-choi/", work.refuse, name="refuse"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/phan-cong/", work.assign, name="assign"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/trinh-ky/", work.propose, name="propose"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/ky/", work.sign, name="sign"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/tra-lai/", work.send_back, name="send_back"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/ban-hanh/", work.issue, name="issue"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/thu-phi/", work.take_fee, name="take_fee"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/tra-ket-qua/", work.return_result, name="return_result"),
]
