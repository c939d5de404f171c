from django.urls import path

from . import pages

app_name = "ioc"
urlpatterns = [path("ioc/", pages.wall, name="wall")]
