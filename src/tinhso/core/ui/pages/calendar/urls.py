from django.urls import path

from . import views

urlpatterns = [
    path("quan-tri/lich-lam-viec/", views.own, name="calendar_own"),
    path("quan-tri/lich-lam-viec/<uuid:agency_id>/", views.year, name="calendar"),
    path("quan-tri/lich-lam-viec/<uuid:agency_id>/gio", views.hours, name="calendar_hours"),
    path("quan-tri/lich-lam-viec/<uuid:agency_id>/ngay", views.day, name="calendar_day"),
    path("quan-tri/lich-lam-viec/gio/<uuid:hours_id>/bo", views.hours_withdraw, name="calendar_hours_withdraw"),
    path("quan-tri/lich-lam-viec/ngay/<uuid:override_id>/bo", views.day_withdraw, name="calendar_day_withdraw"),
]
