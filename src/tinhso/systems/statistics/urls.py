from django.urls import path

from .pages import figures, reports

app_name = "statistics"
urlpatterns = [
    path("thong-ke/", figures.figures, name="figures"),
    path("thong-ke/ho-so/", figures.list_of_cases, name="cases"),
    path("thong-ke/bieu-06/", reports.table, name="table"),
    path("thong-ke/bieu-06/excel/", reports.table_xlsx, name="table_xlsx"),
    path("thong-ke/bieu-06/gui/", reports.send, name="send"),
    path("thong-ke/bao-cao/<uuid:report_id>/", reports.report, name="report"),
    path("thong-ke/bao-cao/<uuid:report_id>/excel/", reports.report_xlsx, name="report_xlsx"),
]
