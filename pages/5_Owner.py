"""For the owner of a shared app: what guests used today, and the switch that pauses them."""

from components.frame import show
from components.guests.owner_page import owner

show("Owner", owner)
