"""The pages of the sign-in library that we use; the rest of it has no address."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid
from django.conf import settings
from django.urls import path, re_path

from . import sign_in

_mail = {"mail_configured": bool(settings.TINHSO.email_url)}
_forgotten = account.PasswordResetView.as_view(extra_context=_mail)

urlpatterns = [
    path("dang-nhap/", account.login, name="account_login"),
    path("dang-xuat/", account.logout, name="account_logout"),
    path("dang-ky/", account.signup, name="account_signup"),
    path("tai-khoan/da-khoa/", account.account_inactive, name="account_inactive"),
    path("tai-khoan/xac-nhan-lai/", account.reauthenticate, name="account_reauthenticate"),
    path("tai-khoan/mat-khau/", account.password_change, name="account_change_password"),
    path("tai-khoan/mat-khau/dat/", account.password_set, name="account_set_password"),
    path("tai-khoan/quen-mat-khau/", _forgotten, name="account_reset_password"),
    path("tai-khoan/quen-mat-khau/da-gui/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^tai-khoan/mat-khau-moi/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[0-9A-Za-z-]+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "tai-khoan/mat-khau-moi/xong/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("tai-khoan/an-toan/", mfa.index, name="mfa_index"),
    path("tai-khoan/buoc-hai/", mfa.authenticate, name="mfa_authenticate"),
    path("tai-khoan/buoc-hai/xac-nhan-lai/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("tai-khoan/buoc-hai/bat/", totp.activate_totp, name="mfa_activate_totp"),
    path("tai-khoan/buoc-hai/tat/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("dang-nhap/khoa/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("tai-khoan/khoa/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("tai-khoan/khoa/them/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("tai-khoan/khoa/xac-nhan-lai/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("tai-khoan/khoa/<int:pk>/sua/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("tai-khoan/khoa/<int:pk>/go/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("tai-khoan/ma-du-phong/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("tai-khoan/ma-du-phong/tao/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("tai-khoan/ma-du-phong/tai-ve/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("tai-khoan/da-huy/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("tai-khoan/khong-vao-duoc/", social.login_error, name="socialaccount_login_error"),
    path("tai-khoan/oidc/<str:provider_id>/login/", sign_in.by_vneid, name="openid_connect_login"),
    path("tai-khoan/oidc/<str:provider_id>/login/callback/", openid.callback, name="openid_connect_callback"),
]
