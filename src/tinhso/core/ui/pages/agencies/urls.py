from django.urls import path

from . import agencies, imports, merging, staff, substitutes

urlpatterns = [
    path("quan-tri/co-quan/", agencies.listing, name="agencies"),
    path("quan-tri/co-quan/<uuid:agency_id>/", agencies.one, name="agency"),
    path("quan-tri/co-quan/<uuid:agency_id>/them", agencies.add, name="agency_add"),
    path("quan-tri/co-quan/<uuid:agency_id>/sua", agencies.change, name="agency_change"),
    path("quan-tri/co-quan/<uuid:agency_id>/dong", agencies.close, name="agency_close"),
    path("quan-tri/co-quan/<uuid:agency_id>/them-nguoi", staff.add, name="staff_add"),
    path("quan-tri/co-quan/<uuid:agency_id>/sap-nhap", merging.merge, name="agency_merge"),
    path("quan-tri/cay-moi/", merging.add_root, name="root_add"),
    path("toi/uy-quyen/", substitutes.own, name="my_substitute"),
    path("quan-tri/nguoi/<uuid:staff_id>/thay", substitutes.of, name="staff_substitute"),
    path("uy-quyen/<uuid:staff_id>/ket-thuc", substitutes.end, name="substitution_end"),
    path("quan-tri/nhap/", imports.start, name="import"),
    path("quan-tri/nhap/<str:what>/", imports.table, name="import_table"),
    path("quan-tri/nhap/<str:what>/mau.xlsx", imports.template, name="import_template"),
    path("quan-tri/nguoi/<uuid:staff_id>/", staff.change, name="staff_change"),
    path("quan-tri/nguoi/<uuid:staff_id>/ket-thuc", staff.end, name="staff_end"),
]
