"""What who complains, and who is to answer, are told."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tinhso.core.notify.kinds import kind
from tinhso.core.notify.models import Notice

from .models import Complaint

LAW = _("The Law on Complaints asks us to tell you this, so it comes whatever you chose.")


def _mine(notice: Notice) -> str:
    dossier = Complaint.objects.filter(pk=notice.subject_id).values_list("dossier_id", flat=True).first()
    return reverse("complaints:mine", args=[dossier]) if dossier else reverse("dossiers:mine")


kind(
    "complaints.filed",
    title=_("A complaint about dossier %(code)s waits for you"),
    body=_("Say by %(due)s whether it is taken on."),
    link=lambda notice: reverse("complaints:judge", args=[notice.subject_id]),
)
kind(
    "complaints.taken_on",
    title=_("Your complaint about dossier %(code)s is being looked into"),
    body=_("You hear from the agency by %(due)s."),
    link=_mine,
    required=LAW,
)
kind(
    "complaints.answered",
    title=_("Your complaint about dossier %(code)s has been answered"),
    body=_("The signed answer stands beside the dossier."),
    link=_mine,
    required=LAW,
)
