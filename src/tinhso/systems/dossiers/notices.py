"""What applicants are told, and where each message leads."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tinhso.core.notify.kinds import kind
from tinhso.core.notify.models import Notice

LAW = _("Decree 118/2025/ND-CP on one-stop shops asks us to tell you this, so it comes whatever you chose.")


def _page(notice: Notice) -> str:
    return reverse("dossiers:one", args=[notice.subject_id])


kind(
    "dossiers.submitted",
    title=_("Dossier %(code)s has been submitted"),
    body=_("The one-stop shop checks it within 8 working hours and then tells you."),
    link=_page,
)
kind(
    "dossiers.accepted",
    title=_("Dossier %(code)s has been accepted"),
    body=_("The result is promised by %(due)s. Your appointment slip is with the dossier."),
    link=_page,
    required=LAW,
)
kind(
    "dossiers.refused",
    title=_("Dossier %(code)s has been refused"),
    body=_("The letter with the dossier says why and what you can do."),
    link=_page,
    required=LAW,
)
kind(
    "dossiers.supplement_requested",
    title=_("Please complete dossier %(code)s"),
    body=_("Something is missing. The letter with the dossier lists it; add it there by %(until)s. The clock waits."),
    link=_page,
    required=LAW,
)
kind(
    "dossiers.supplement_received",
    title=_("Dossier %(code)s has been completed"),
    body=_("Thank you. The clock runs again; the dossier says by when the result is promised."),
    link=_page,
)
kind(
    "dossiers.extended",
    title=_("A new date for dossier %(code)s"),
    body=_("We are sorry that it takes longer. The result is promised by %(due)s; the letter says why."),
    link=_page,
    required=LAW,
)
kind(
    "dossiers.stopped",
    title=_("Processing of dossier %(code)s has stopped"),
    body=_("The letter with the dossier says why and what you can do."),
    link=_page,
    required=LAW,
)
kind(
    "dossiers.transferred",
    title=_("Dossier %(code)s goes on at another agency"),
    body=_("It was passed to the agency that decides on it; you need not do anything."),
    link=_page,
)
kind(
    "dossiers.result_issued",
    title=_("The result of dossier %(code)s is ready"),
    body=_("Open the dossier to see how you get it."),
    link=_page,
    required=LAW,
)
kind(
    "dossiers.returned",
    title=_("The result of dossier %(code)s has been returned"),
    body=_("You can download it from the dossier at any time."),
    link=_page,
)
kind(
    "dossiers.result_cancelled",
    title=_("The result of dossier %(code)s was cancelled"),
    body=_("Please do not use it any more. The dossier says why; the counter helps you further."),
    link=_page,
    required=LAW,
)
kind(
    "dossiers.correction_asked",
    title=_("A mistake in the result of dossier %(code)s is looked at"),
    body=_("The dossier says what was found. You hear from the agency by %(until)s."),
    link=_page,
)
kind(
    "dossiers.correction_declined",
    title=_("The result of dossier %(code)s stands"),
    body=_("The agency found no mistake of its own. The dossier says why, and what you can do."),
    link=_page,
    required=LAW,
)
kind(
    "dossiers.correction_issued",
    title=_("The result of dossier %(code)s was corrected"),
    body=_("Please do not use the earlier one any more: this one stands in its place. It is being handed to you."),
    link=_page,
    required=LAW,
)
kind(
    "dossiers.correction_returned",
    title=_("The corrected result of dossier %(code)s has been returned"),
    body=_("You can download it from the dossier at any time."),
    link=_page,
)
kind(
    "dossiers.consultation_answered",
    title=_("An agency has answered about dossier %(code)s"),
    body=_("Its opinion stands on the page of the dossier."),
    link=lambda notice: reverse("dossiers:work", args=[notice.subject_id]),
    channels=(),
)
kind(
    "dossiers.extension_declined",
    title=_("No more time for dossier %(code)s"),
    body=_("The promise stands. The page of the dossier says why."),
    link=lambda notice: reverse("dossiers:work", args=[notice.subject_id]),
    channels=(),
)
kind(
    "dossiers.supplement_allowed",
    title=_("The applicant of dossier %(code)s may be asked once more"),
    body=_("A leader allowed another request to complete it. The page of the dossier says why."),
    link=lambda notice: reverse("dossiers:work", args=[notice.subject_id]),
    channels=(),
)
kind(
    "dossiers.promises_ending",
    title=_("Promises that end soon: %(count)d"),
    body=_(
        "They end by %(until)s. Finish them, or ask for more time: the apology must be sealed before a promise is over."
    ),
    link=lambda notice: reverse("dossiers:desk") + "?han=week",
    channels=(),
)
kind(
    "dossiers.mentioned",
    title=_("A colleague mentions you on dossier %(code)s"),
    body=_("The note stands beside the dossier."),
    link=lambda notice: reverse("dossiers:work", args=[notice.subject_id]) + "#notes",
    channels=(),
)
