"""For the owner of a shared app: what guests used today, and the switch that pauses them."""

from components.frame import page
from components.guests.owner_page import owner

page("Owner")
owner()
