"""E-mail over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.utils import timezone

from ..models import Notice
from .outgoing import TIMEOUT, Outgoing, UndeliverableError


class Email:
    """E-mail over SMTP: `EMAIL_URL=smtp://user:password@host:port` (STARTTLS where offered) or `smtps://`."""

    name = "email"
    wakes = False

    def configured(self) -> bool:
        return bool(settings.TINHSO.email_url)

    def address_of(self, notice: Notice) -> str:
        """The recipient's own address: the account's, else the person's, else that of one of their accounts."""
        if notice.account is not None:
            person = notice.account.person
            return str(notice.account.email or (person.email if person else ""))
        assert notice.person is not None
        known = notice.person.accounts.exclude(email="").order_by("created_at").values_list("email", flat=True)
        return str(notice.person.email or known.first() or "")

    def send(self, message: Outgoing) -> None:
        """Both languages in one mail, since a mailbox says none."""
        text = "\n\n—\n\n".join("\n\n".join(filter(None, (w.title, w.body, w.url, w.note))) for w in message.words)
        self.mail(
            to=message.to,
            subject=message.words[0].title,
            text=text + "\n",
            message_id=message.message_id,
            unsubscribe=message.unsubscribe,
        )

    def mail(self, *, to: str, subject: str, text: str, message_id: str, unsubscribe: str = "") -> None:
        """Send one mail; errors as `Channel.send`. `unsubscribe` becomes the headers of RFC 8058."""
        message = EmailMessage()
        message["From"] = Address(display_name="Tỉnh Số", addr_spec=settings.TINHSO.email_from)
        message["To"] = to
        message["Subject"] = " ".join(subject.split())
        message["Date"] = format_datetime(timezone.localtime())
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"
        if unsubscribe:
            message["List-Unsubscribe"] = f"<{unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(text)
        url = urlsplit(settings.TINHSO.email_url)
        try:
            with self._connect(url) as smtp:
                if url.username:
                    smtp.login(unquote(url.username), unquote(url.password or ""))
                smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            if all(code >= 500 for code in codes):
                raise UndeliverableError(f"smtp:{codes[0]}") from refused
            raise
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as refused:
            if refused.smtp_code >= 500:
                raise UndeliverableError(f"smtp:{refused.smtp_code}") from refused
            raise

    def _connect(self, url: SplitResult) -> smtplib.SMTP:
        host = url.hostname or "localhost"
        if url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
        smtp = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT)
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
        return smtp
