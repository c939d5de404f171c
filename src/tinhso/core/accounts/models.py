"""A person is who someone is; an account is how someone comes in. A person has none or several."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ..ledger.actions import new_id
from . import crypto


class Sex(models.TextChoices):
    UNKNOWN = "", _("Not stated")
    MALE = "male", _("Male")
    FEMALE = "female", _("Female")


class Person(models.Model):
    """Someone the state knows, by the keyed hash of the national ID. Needs no account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    id_hash = models.BinaryField(max_length=32, null=True, unique=True, editable=False)
    id_cipher = models.BinaryField(null=True, editable=False)
    tax_hash = models.BinaryField(max_length=32, null=True, unique=True, editable=False)
    tax_cipher = models.BinaryField(null=True, editable=False)
    full_name = models.CharField(max_length=120)
    birth_date = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=6, choices=Sex.choices, blank=True, default="")
    province_code = models.CharField(max_length=2, blank=True, help_text="Administrative unit code, 66")
    commune_code = models.CharField(max_length=5, blank=True, help_text="Administrative unit code, 24133")
    address = models.CharField(max_length=250, blank=True, help_text="House number, street, hamlet")
    phone = models.CharField(max_length=15, blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        constraints = [
            models.CheckConstraint(
                condition=Q(id_hash=None, id_cipher=None) | Q(id_hash__isnull=False, id_cipher__isnull=False),
                name="person_id_hash_with_cipher",
            ),
            models.CheckConstraint(
                condition=Q(tax_hash=None, tax_cipher=None) | Q(tax_hash__isnull=False, tax_cipher__isnull=False),
                name="person_tax_hash_with_cipher",
            ),
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="person_sex"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def national_id(self) -> str:
        """The 12 digits in clear, empty when unknown. Show `masked_id` wherever it is enough."""
        return crypto.unseal(bytes(self.id_cipher), self.pk) if self.id_cipher else ""

    @property
    def masked_id(self) -> str:
        return crypto.mask(self.national_id)

    @property
    def tax_code(self) -> str:
        """The tax code in clear, empty when unknown."""
        return crypto.unseal(bytes(self.tax_cipher), self.pk) if self.tax_cipher else ""


class Business(models.Model):
    """An organisation that applies in its own name. Nobody signs in as it: persons act for it, each as themselves.

    Its code, name and representative stand in the public register of enterprises.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=14, unique=True, help_text="Enterprise code = tax code, 10 digits or 10-3")
    name = models.CharField(max_length=250)

    class Meta:
        verbose_name = _("business")
        verbose_name_plural = _("businesses")

    def __str__(self) -> str:
        return self.name


class AuthoritySet(models.QuerySet["Authority"]):
    def open_at(self, at: datetime) -> AuthoritySet:
        """Authorities that hold at that moment."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at)


class Authority(models.Model):
    """That a person acts for a business, during [valid_from, valid_to)."""

    class Role(models.TextChoices):
        LEGAL = "legal", _("Legal representative")
        AUTHORISED = "authorised", _("Authorised person")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business = models.ForeignKey(Business, models.PROTECT, related_name="authorities")
    person = models.ForeignKey(Person, models.PROTECT, related_name="authorities")
    role = models.CharField(max_length=10, choices=Role.choices)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = AuthoritySet.as_manager()

    class Meta:
        verbose_name = _("authority")
        verbose_name_plural = _("authorities")
        constraints = [
            models.CheckConstraint(
                condition=Q(role="legal") | Q(role="authorised", valid_to__isnull=False), name="authority_for_a_period"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="authority_validity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.business}"

    @property
    def is_legal(self) -> bool:
        return self.role == self.Role.LEGAL


class AccountKind(models.TextChoices):
    CITIZEN = "citizen", _("Citizen")
    OFFICIAL = "official", _("Official")
    CLIENT = "client", _("API client")
    DEVICE = "device", _("Device")


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=username)


class Account(AbstractBaseUser):
    """A way into the system. Rights come from `agencies.Staff`, never from the account itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=8, choices=AccountKind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="accounts")
    display_name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=15, blank=True)
    failed_logins = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    one_time_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Handed out on paper: changed at first sign-in, void after this",
    )
    directory_id = models.CharField(
        max_length=64, blank=True, default="", help_text="Unchanging id of its entry in the staff directory (LDAP)"
    )
    idle_warned_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        indexes = [
            models.Index(fields=["email"], condition=~Q(email=""), name="account_email"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="account_phone"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AccountKind.values), name="account_kind"),
            models.UniqueConstraint(
                fields=["directory_id"], condition=~Q(directory_id=""), name="account_once_per_directory_entry"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django and allauth ask for this name
        return self.disabled_at is None

    @property
    def is_staff(self) -> bool:
        """Always false: there is no Django admin. Officials are `agencies.Staff`."""
        return False

    def locked_at(self, at: datetime) -> bool:
        """Whether sign-in is refused at that moment after too many failures."""
        return self.locked_until is not None and at < self.locked_until


class DeviceKind(models.TextChoices):
    """What machines stand in agencies; what each may do is data, `data/devices.json`."""

    KIOSK = "kiosk", _("Kiosk")
    DISPLAY = "display", _("Display")


class ApiClient(models.Model):
    """A bearer credential of a client account. Several may be valid at once, so that one rotates them.

    A device has one too, but no bearer token: it keeps a private key of its own and signs short-lived
    tokens with it; before its enrolment `token_hash` is that of the code it enrols with.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="credentials")
    name = models.CharField(max_length=120)
    token_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=60))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="api_clients")
    device_kind = models.CharField(max_length=8, choices=DeviceKind.choices, blank=True, default="")
    public_key = models.BinaryField(null=True, editable=False, help_text="Of a device, DER SubjectPublicKeyInfo")
    enrolment_until = models.DateTimeField(null=True, blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="client_validity",
            ),
            models.CheckConstraint(
                condition=Q(device_kind="", public_key=None, enrolment_until=None)
                | (Q(device_kind__in=DeviceKind.values) & Q(enrolment_until__isnull=False)),
                name="client_or_device",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Attempt(models.Model):
    """Failed sign-ins from one address within one window; exempt from the ledger, swept by a job."""

    address = models.GenericIPAddressField()
    window = models.DateTimeField(help_text="Start of the 15 minutes it counts")
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "window"], name="attempt_once_per_window")]
