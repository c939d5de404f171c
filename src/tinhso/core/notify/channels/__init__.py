"""Ways out of the house. Each is one class behind one interface; one that is not set up says so."""

from ..models import Delivery
from .email import Email
from .outgoing import Channel, Outgoing, UndeliverableError
from .push import Push
from .sms import Sms
from .zalo import Zalo

__all__ = ["CHANNELS", "EMAIL", "Channel", "Outgoing", "UndeliverableError", "recipient_known"]

EMAIL = Email()
CHANNELS: dict[str, Channel] = {one.name: one for one in (EMAIL, Sms(), Zalo(), Push())}


def recipient_known(delivery: Delivery) -> str:
    """Where a delivery goes; empty where no address is known."""
    return delivery.address or CHANNELS[delivery.channel].address_of(delivery.notice)
