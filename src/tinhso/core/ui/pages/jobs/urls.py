from django.urls import path

from . import pages

urlpatterns = [
    path("quan-tri/cong-viec-nen/", pages.listing, name="jobs"),
    path("quan-tri/cong-viec-nen/<int:number>/chay-lai", pages.replay, name="job_replay"),
    path("quan-tri/cong-viec-nen/<int:number>/bo-qua", pages.skip, name="job_skip"),
]
