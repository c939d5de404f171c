from django.urls import path

from . import pages

app_name = "procedures"
urlpatterns = [
    path("thu-tuc/", pages.catalogue, name="catalogue"),
    path("thu-tuc/<str:code>/", pages.procedure, name="procedure"),
]
