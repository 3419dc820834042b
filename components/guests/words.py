"""What visitors read of a shared app: the way in, the meter and notes of a guest, the owner's page."""

from __future__ import annotations

from backend.guests.terms import Unit

# ---- the way in -----------------------------------------------------------------------------------------

WELCOME = "Welcome"

# With a password
INVITED_PASSWORD = "This playground is open to invited guests. The password is with whoever sent you the link."
PASSWORD = "Password"
COME_IN = "Come in"

# With a login
INVITED_LOGIN = "This playground is open to invited guests. Log in, so that it knows you are one."
LOG_IN = "Log in"
LOGIN_NOT_SET_UP = "**Logging in is not set up yet.** The owner finds how in docs/sharing.md."
NOT_LISTED_TITLE = "Not on the list"
NOT_LISTED = "You are logged in as **{address}**, and that address is not on the owner's list."
NO_ADDRESS = "Your login service does not vouch for an address of yours, so there is none to look up."
LOG_IN_AGAIN = "Log in as somebody else"

# The way out
LEAVE = "Leave"
LOG_OUT = "Log out"
LOGGING_OUT = "Logging out …"

# Half set up
NOT_OPEN_TITLE = "Not open yet"
NOT_OPEN = "The owner of this playground is still setting it up. Please come back later."
I_AM_OWNER = "I am the owner"
NEW_PASSWORD_ABOUT = "Type the password you want. What comes out goes into the secrets of the app; then restart it."
NEW_PASSWORD = "New password"
MAKE_HASH = "Make its hash"

# ---- the meter in the sidebar ---------------------------------------------------------------------------

PAUSED_FOR_GUESTS = ":material/pause_circle: **Paused by the owner.** With a key of your own you can go on."
USED_TODAY = ":material/data_usage: {facts}"
MESSAGES_USED = "{used:,} of {most:,} messages today"
SHARE_USED: dict[Unit, str] = {
    "tokens": "{share:.0%} of today's tokens",
    "usd": "{share:.0%} of today's money",
}
ALL_USED = "All guests together have used today's budget. With a key of your own you can go on."

# ---- notes beside a control -----------------------------------------------------------------------------

MOST_IS_SENT = ":orange[**{most:,} is sent**: that is the most for guests. A key of your own has no limit.]"
LONGEST_IS_SENT = "{most:,} is sent: the longest answer for guests."
MODEL_NOT_OPEN = "{problem} Choose another one, or use your own key."

# ---- the owner's page -----------------------------------------------------------------------------------

NOT_SHARED = "This page is for an app that is shared with guests: docs/sharing.md tells how."
OWNER_NOT_SET_UP = "This page shows what guests use, and can pause them. It opens with a password of the owner's."
OWNER_SIGNED_OUT = "What guests use, and the switch that pauses them. For the owner of this app."
OWNER_PASSWORD = "The owner's password"
OWNER_SIGN_IN = "Sign in"

# The switch
OPEN = ":material/play_circle: **Open.** Guests can use your key, within their budget."
PAUSE = "Pause guests"
PAUSED = ":material/pause_circle: **Paused** {ago}. Guests see that, and cannot use your key."
RESUME = "Open again"

# Today
TOTALS = "Today, all guests together"
UNITS: dict[Unit, str] = {"messages": "Messages", "tokens": "Tokens", "usd": "US dollars"}
USED_OF = "{used} of {most}"
DAYS = "Days begin at midnight UTC. What a server does not report is estimated, rather too much than too little."
GUESTS_TODAY = "Guests today: {count}"
COLUMNS = {
    "guest": "Guest",
    "messages": "Messages",
    "tokens": "Tokens",
    "usd": "US dollars",
    "running": "Running",
    "lost": "Never settled",
    "last": "Last",
}
LAST_SEEN = "{time} UTC"
LOOK_AGAIN = "Look again"
