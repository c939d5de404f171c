"""What applicants are told about parts, in the thread of the joint dossier."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tinhso.core.notify.kinds import kind
from tinhso.core.notify.models import Notice

LAW = _("Decree 118/2025/ND-CP on one-stop shops asks us to tell you this, so it comes whatever you chose.")


def _page(notice: Notice) -> str:
    return reverse("linked:joint", args=[notice.subject_id])


kind(
    "linked.supplement_requested",
    title=_("Please complete joint application %(code)s"),
    body=_("Part %(part)s lacks something. Add it on the page of the joint application by %(until)s."),
    link=_page,
    required=LAW,
)
kind(
    "linked.extended",
    title=_("A new date in joint application %(code)s"),
    body=_("We are sorry that part %(part)s takes longer. Its result is promised by %(due)s."),
    link=_page,
    required=LAW,
)
kind(
    "linked.refused",
    title=_("A part of joint application %(code)s ended without a result"),
    body=_("The letter with part %(part)s says why and what you can do."),
    link=_page,
    required=LAW,
)
kind(
    "linked.result_issued",
    title=_("A result of joint application %(code)s is there"),
    body=_("Part %(part)s is done. What comes after it goes on by itself."),
    link=_page,
    required=LAW,
)
