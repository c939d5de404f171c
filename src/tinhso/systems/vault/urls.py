from django.urls import path

from .pages import citizen, completing, counter, shared

app_name = "vault"
urlpatterns = [
    path("toi/kho-giay-to/", citizen.mine, name="mine"),
    path("toi/kho-giay-to/them/", citizen.add, name="add"),
    path("toi/kho-giay-to/<uuid:paper_id>/", citizen.paper, name="paper"),
    path("toi/kho-giay-to/<uuid:paper_id>/chia-se/", citizen.share, name="share"),
    path("toi/kho-giay-to/<uuid:paper_id>/chia-se/<uuid:share_id>/dung/", citizen.end_share, name="end_share"),
    path("toi/kho-giay-to/<uuid:paper_id>/doi-chieu/", citizen.ask_comparison, name="ask_comparison"),
    path("toi/kho-giay-to/<uuid:paper_id>/bo/", citizen.take_out, name="take_out"),
    path("ho-so/<uuid:dossier_id>/bo-sung/tu-kho/", completing.complete, name="complete"),
    path("ban-lam-viec/ho-so/<uuid:dossier_id>/bo-sung/tu-kho/", completing.at_counter, name="complete_at_counter"),
    path("chia-se/<str:secret>/", shared.shared, name="shared"),
    path("chia-se/<str:secret>/tep/", shared.file, name="shared_file"),
    path("ban-lam-viec/doi-chieu-giay-to/", counter.compare_list, name="compare_list"),
    path("ban-lam-viec/doi-chieu-giay-to/<uuid:paper_id>/", counter.compare, name="compare"),
    path("ban-lam-viec/kho-giay-to/dong-y/<uuid:draft_id>/", counter.consent, name="consent"),
]
