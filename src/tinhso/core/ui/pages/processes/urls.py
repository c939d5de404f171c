from django.urls import path

from . import conditions, views

urlpatterns = [
    path("quan-tri/quy-trinh/", views.processes, name="processes"),
    path("quan-tri/quy-trinh/<uuid:drawing_id>/", views.drawing, name="process"),
    path("quan-tri/quy-trinh/<uuid:drawing_id>/dieu-kien/", conditions.conditions, name="process_conditions"),
    path("quan-tri/quy-trinh/<uuid:drawing_id>/luu", views.keep, name="process_keep"),
    path("quan-tri/quy-trinh/<uuid:drawing_id>/cong-bo", views.publish, name="process_publish"),
    path("quan-tri/quy-trinh/<uuid:drawing_id>/bo", views.discard, name="process_discard"),
    path("quan-tri/quy-trinh/<uuid:drawing_id>/quy-trinh.bpmn", views.download, name="process_download"),
]
