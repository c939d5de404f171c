"""Addresses of digital signatures."""

from django.urls import path

from ... import reminders  # noqa: F401  # declares the kinds of notice that lead here
from . import desk, own, register

urlpatterns = [
    path("toi/chu-ky-so/", own.certificates, name="certificates"),
    path("toi/chu-ky-so/tep", own.from_file, name="certificate_file"),
    path("toi/chu-ky-so/tu-xa", own.from_remote, name="certificate_remote"),
    path("toi/chu-ky-so/token/thach-do", own.challenge, name="certificate_challenge"),
    path("toi/chu-ky-so/token", own.from_token, name="certificate_token"),
    path("toi/chu-ky-so/<uuid:certificate_id>/bao-mat", own.lost, name="certificate_lost"),
    path("quan-tri/chung-thu-so/", register.register, name="certificate_register"),
    path("quan-tri/chung-thu-so/<uuid:certificate_id>/thu-hoi", register.revoke, name="certificate_revoke"),
    path("ban-lam-viec/ky/", desk.signing, name="signing"),
    path("ban-lam-viec/ky/chuan-bi", desk.prepare, name="signing_prepare"),
    path("ban-lam-viec/ky/<uuid:preparation_id>", desk.complete, name="signing_complete"),
]
