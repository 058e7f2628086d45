"""Charging people on Poe for answers, as `charge:` of bots.yaml says. Poe allows it in its creator programme only.

till        one bot's charging: authorised before the model is asked, captured once it has answered
given       what has reached the person until then
cost        what an answer costs, exactly
cost_api    Poe's cost API
rate_card   how the prices are shown on Poe
refusals    why an answer is not paid for
"""

from .cost import wrong_charge
from .cost_api import CostApi
from .refusals import CostApiUnavailable, InsufficientPoints, NotChargeable, NotPaid
from .till import Charging, FreeOfCharge, Till

__all__ = [
    "Charging",
    "CostApi",
    "CostApiUnavailable",
    "FreeOfCharge",
    "InsufficientPoints",
    "NotChargeable",
    "NotPaid",
    "Till",
    "wrong_charge",
]
