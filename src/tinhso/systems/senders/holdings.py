"""What senders' files hold of a person: nothing that stays. Rows go once they are in, or after a day."""

from tinhso.core.accounts import copies

copies.treat("senders.sent", key=copies.secret, contents=copies.secret)
copies.empty("senders.sending")
