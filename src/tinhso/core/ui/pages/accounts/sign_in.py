"""The sign-in library (django-allauth) led to our actions: settings name these adapters and forms."""

from __future__ import annotations

from email.utils import make_msgid
from typing import Any, cast

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as STEPS
from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import authentication_step_completed
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect import views as openid
from django import forms
from django.conf import settings
from django.dispatch import receiver
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from requests import RequestException

from tinhso.core.accounts import actions, crypto, queries
from tinhso.core.accounts.models import Account
from tinhso.core.agencies.queries import staff_of
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.notify.channels import EMAIL, UndeliverableError

log = structlog.get_logger(__name__)
SEEN = "seen_at"  # session key: seconds since 1970 of the last request that counted
QUIET = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}  # the page itself shows it


class AccountAdapter(DefaultAccountAdapter):
    """Passwords are tried by our action, everything that matters is recorded."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Account | None:
        tried = actions.password_attempt(
            credentials.get("username", ""),
            credentials.get("password", ""),
            address=self.get_client_ip(request),
            at=timezone.now(),
        )
        if tried.refused is not None:
            raise ValidationError(str(tried.refused), code=tried.refused.code)
        return tried.account

    def login(self, request: HttpRequest, user: Any) -> None:
        """Django gives the session a new key here, so one planted before sign-in is worthless."""
        super().login(request, user)
        now = timezone.now()
        request.session[SEEN] = now.timestamp()
        methods = {record["method"]: record for record in get_authentication_records(request, user)}
        method = "vneid" if "socialaccount" in methods else "password" if "password" in methods else "passkey"
        if method == "password" and not user.has_usable_password():
            method = "directory"
        actions.signed_in(user, method=method, second_factor="mfa" in methods, at=now)

    def pre_login(self, request: HttpRequest, user: Any, **rest: Any) -> Any:
        """A password was checked by the directory itself; who comes with a passkey is looked up there."""
        if user.directory_id and "password" not in {r["method"] for r in get_authentication_records(request, user)}:
            user.disabled_at = None if actions.still_listed(user, at=timezone.now()) else timezone.now()
        return super().pre_login(request, user, **rest)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where one goes who was on the way nowhere: officials to their desk, citizens home."""
        at_work = request.user.is_authenticated and staff_of(request.user, timezone.now())
        return reverse("ui:desk") if at_work else str(super().get_login_redirect_url(request))

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            actions.signed_out(request.user, at=timezone.now())
        super().logout(request)

    def set_password(self, user: Any, password: str) -> None:
        changed = actions.change_password(user, password, by=Actor("account", str(user.pk)), at=timezone.now())
        user.password = changed.password

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: VNeID or an official who has seen the card says who someone is, never a web form."""
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *rest: Any, **more: Any
    ) -> None:
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *rest, **more)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sent here and now, not by a job: the secret of the link must not lie in a table of jobs."""
        if not EMAIL.configured():
            log.info("mail_not_configured", kind=template_prefix)
            return
        message = self.render_mail(template_prefix, email, context)
        try:
            EMAIL.mail(to=email, subject=str(message.subject), text=str(message.body), message_id=make_msgid())
        except (UndeliverableError, OSError) as error:
            log.warning("mail_failed", kind=template_prefix, error=type(error).__name__)


class IdentityAdapter(DefaultSocialAccountAdapter):
    """VNeID's claims lead to one person and one citizen account; the claims themselves are not stored."""

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        # Called before anything is saved: the national ID must not reach the library's tables or the session.
        extra = sociallogin.account.extra_data
        claims = {**(extra.get("id_token") or {}), **(extra.get("userinfo") or {})}
        sociallogin.account.extra_data = {}
        sociallogin.claimed = (str(claims.get("SoDinhDanh", "")), str(claims.get("HoVaTen", "")))
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            # Tying a further identity to an account would let one person act as another.
            raise ImmediateHttpResponse(redirect("ui:profile"))
        number, name = sociallogin.claimed
        try:
            account = actions.identify(number, full_name=name, by=Actor.system("vneid"), at=timezone.now())
            if sociallogin.is_existing and sociallogin.user.person_id != account.person_id:
                raise Refused("identity_changed", _("This VNeID account was linked to someone else before."))
        except Refused as refused:
            page = render(request, "socialaccount/authentication_error.html", {"refused": refused}, status=403)
            raise ImmediateHttpResponse(page) from refused
        if not sociallogin.is_existing:
            sociallogin.connect(request, account)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """`pre_social_login` has already made what was missing."""
        return False

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        log.warning("vneid_failed", error=str(error), exception=type(exception).__name__)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are kept encrypted."""

    def encrypt(self, text: str) -> str:
        return crypto.seal_text(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.unseal_text(encrypted_text)

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": str(settings.MFA_TOTP_ISSUER)}

    def generate_authenticator_name(self, user: Any, type: str) -> str:  # noqa: A002  # the library's name
        count = Authenticator.objects.filter(user=user, type=type).count()
        return str(_("Passkey %(number)d") % {"number": count + 1})


def by_vneid(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to VNeID, or say that it is away: the library asks it for its addresses first."""
    try:
        answer: HttpResponse = openid.login(request, provider_id)
    except RequestException as error:
        log.warning("vneid_unreachable", error=type(error).__name__)
        return render(request, "socialaccount/authentication_error.html", status=502)
    return answer


class SignInForm(LoginForm):
    """Username, telephone number or e-mail address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"] = forms.CharField(
            label=_("Username, telephone number or e-mail"),
            max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        )
        login.widget.attrs["autofocus"] = True
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""
        self.order_fields(["login", "password"])


class ForgottenForm(ResetPasswordForm):
    """Whose password the directory keeps gets no link here: it would outlive what the directory says."""

    def clean_email(self) -> str:
        email = str(super().clean_email())
        self.users = [user for user in self.users if not queries.by_directory(user)]
        return email


class _Counted:
    """A second factor is guessed no more often than a password: five times, then the account locks."""

    user: Account

    def clean_code(self) -> str:
        now = timezone.now()
        tries = actions.begin_attempt(self.user, at=now)
        if tries is None:
            raise ValidationError(str(actions.locked(self.user, now)), code="account_locked")
        try:
            code = cast(str, super().clean_code())  # type: ignore[misc]
        except ValidationError:
            actions.fail_attempt(self.user, tries, method="second_factor", at=now)
            raise
        actions.end_attempt(self.user)
        return code


class SecondFactorForm(_Counted, AuthenticateForm):
    pass


class SecondFactorAgainForm(_Counted, ReauthenticateForm):
    pass


_STATES = {
    signals.authenticator_added: "added",
    signals.authenticator_removed: "removed",
    signals.authenticator_reset: "renewed",
}


@receiver(list(_STATES))
def _second_factor_changed(signal: Any, user: Account, authenticator: Authenticator, **kwargs: Any) -> None:
    actions.second_factor_changed(user, kind=authenticator.type, state=_STATES[signal], at=timezone.now())


@receiver(authentication_step_completed)
def _forget_what_was_typed(request: HttpRequest, **kwargs: Any) -> None:
    """The library notes the name, address or identity someone came in with; a session keeps only how and when."""
    kept = {"method", "at", "id", "type", "reauthenticated", "passwordless"}
    steps = request.session[STEPS]
    request.session[STEPS] = [{key: value for key, value in step.items() if key in kept} for step in steps]
