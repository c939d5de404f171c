from django.urls import path

from .pages import applicant, day, hand_over, paper, scanning

app_name = "counter"
urlpatterns = [
    path("ban-lam-viec/quay/nguoi-nop/<uuid:draft_id>/", applicant.find, name="find"),
    path("ban-lam-viec/quay/nguoi-nop/<uuid:draft_id>/chon/", applicant.choose, name="choose"),
    path("ban-lam-viec/quay/so-hoa/to-khai/<uuid:draft_id>/", scanning.begin, name="begin"),
    path("ban-lam-viec/quay/so-hoa/ho-so/<uuid:dossier_id>/", scanning.begin_for, name="begin_for"),
    path("ban-lam-viec/quay/so-hoa/<uuid:scan_id>/", scanning.scan, name="scan"),
    path("ban-lam-viec/quay/so-hoa/<uuid:scan_id>/them/", scanning.add, name="add"),
    path("ban-lam-viec/quay/so-hoa/<uuid:scan_id>/sua/", scanning.change, name="change"),
    path("ban-lam-viec/quay/so-hoa/<uuid:scan_id>/ghep/", scanning.make, name="make"),
    path("ban-lam-viec/quay/so-hoa/<uuid:scan_id>/bo/", scanning.drop, name="drop"),
    path("ban-lam-viec/quay/so-hoa/<uuid:scan_id>/<uuid:link_id>/<int:turn>.jpg", scanning.picture, name="picture"),
    path("ban-lam-viec/quay/ho-so-giay/<uuid:dossier_id>/", paper.paper, name="paper"),
    path("ban-lam-viec/quay/ho-so-giay/<uuid:dossier_id>/nguoi-nop-thay/", paper.represent, name="represent"),
    path("ban-lam-viec/quay/ho-so-giay/<uuid:dossier_id>/nhan.pdf", paper.label, name="label"),
    path("ban-lam-viec/quay/ban-giao/", hand_over.lists, name="lists"),
    path("ban-lam-viec/quay/ban-giao/quet/", hand_over.scanned, name="scanned"),
    path("ban-lam-viec/quay/ban-giao/moi/", hand_over.new, name="new"),
    path("ban-lam-viec/quay/ban-giao/<uuid:list_id>/", hand_over.one, name="list"),
    path("ban-lam-viec/quay/ban-giao/<uuid:list_id>/<uuid:item_id>/lay-lai/", hand_over.take_back, name="take_back"),
    path("ban-lam-viec/quay/ban-giao/<uuid:list_id>/danh-sach.pdf", hand_over.list_pdf, name="list_pdf"),
    path("ban-lam-viec/quay/ban-giao/<uuid:list_id>/nhan.pdf", hand_over.list_labels, name="list_labels"),
    path("ban-lam-viec/quay/cuoi-ngay/", day.day, name="day"),
    path("ban-lam-viec/quay/cuoi-ngay/<uuid:day_id>/nhan/", day.take_over, name="take_over"),
]
