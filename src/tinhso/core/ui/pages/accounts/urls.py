"""Addresses of one's own data, and of accounts for administrators."""

from django.urls import path

from . import administration, businesses, counter, erasure, own

urlpatterns = [
    path("toi/ho-so/", own.profile, name="profile"),
    path("toi/du-lieu/", own.held, name="held"),
    path("toi/du-lieu/tai-ve", own.export, name="held_export"),
    path("toi/doanh-nghiep/", businesses.own, name="businesses"),
    path("toi/doanh-nghiep/<uuid:authority_id>/het", businesses.end, name="authority_end"),
    path("quay/doanh-nghiep/", businesses.counter, name="counter_business"),
    path("quay/tai-khoan/", counter.open_account, name="counter_account"),
    path("quan-tri/xoa-du-lieu/", erasure.ask, name="erase"),
    path("quan-tri/xoa-du-lieu/xac-nhan", erasure.confirm, name="erase_confirm"),
    path("quan-tri/tai-khoan/", administration.accounts, name="accounts"),
    path("quan-tri/tai-khoan/<uuid:account_id>/", administration.account, name="account"),
    path("quan-tri/tai-khoan/<uuid:account_id>/mo-khoa", administration.unlock, name="account_unlock"),
    path("quan-tri/tai-khoan/<uuid:account_id>/vo-hieu", administration.disable, name="account_disable"),
    path("quan-tri/tai-khoan/<uuid:account_id>/mo-lai", administration.enable, name="account_enable"),
    path("quan-tri/tai-khoan/<uuid:account_id>/thu-muc", administration.by_directory, name="account_directory"),
    path("quan-tri/tai-khoan/<uuid:account_id>/moi", administration.invite, name="account_invite"),
    path("quan-tri/api/", administration.clients, name="clients"),
    path("quan-tri/thiet-bi/", administration.devices, name="devices"),
    path("quan-tri/api/<uuid:client_id>/thu-hoi", administration.revoke, name="client_revoke"),
]
