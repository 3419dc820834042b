"""For the owner of a shared app: what guests used today, and the switch that pauses them."""

from components.owner import owner
from components.page import page

page("Owner")
owner()
