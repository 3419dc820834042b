"""The texts of a shared app: sign-in, the meter and notes of a guest, the owner's page."""

from __future__ import annotations

from backend.guests.terms import Unit

# ---- the way in -----------------------------------------------------------------------------------------

WELCOME = "Welcome"

# With a password
INVITED_PASSWORD = "This playground is open to invited guests. The password is with whoever sent you the link."
OWNER_TOO = "For the owner's page, too: first the password of your guests, then yours."
PASSWORD = "Password"
COME_IN = "Come in"

# With a login
INVITED_LOGIN = "This playground is open to invited guests. Log in, so that it knows you are one."
LOG_IN = "Log in"
LOGIN_NOT_SET_UP = (
    "**Logging in is not set up yet.** If you are the owner: install the Python package `Authlib`, put a block "
    "`[auth]` with `redirect_uri`, `cookie_secret`, `client_id`, `client_secret` and `server_metadata_url` of your "
    "login service into `.streamlit/secrets.toml`, and restart the app. What it lacks: {lacks}."
)
NOT_LISTED_TITLE = "Not on the list"
NOT_LISTED = "You are logged in as **{address}**, and that address is not on the owner's list."
NO_ADDRESS = "Your login service does not vouch for an address of yours, so there is none to look up."
LOG_IN_AGAIN = "Log in as somebody else"

# The way out
LEAVE = "Leave"
START_OVER = "Start over"
LEAVING_DELETES = (
    "This deletes your conversations, prompts, presets and tools here, and ends your visit in every tab of this "
    "browser."
)
LEAVE_NOW = {LEAVE: "Delete and leave", START_OVER: "Delete and start over"}
LOG_OUT = "Log out"
LOGGING_OUT = "Logging out …"

# A private link, where no cookie comes through
COME_BACK = "Come back later"
COME_BACK_ABOUT = (
    "This browser keeps no cookie of this app, so **reloading the page begins anew**. A private link brings you"
    " back to your conversations, for {days} days after its making. Whoever has it can read them and write in "
    "your name: keep it to yourself."
)
MAKE_LINK = "Make a private link"
SHOWN_ONCE = "It is shown this once. A new one ends this one."
TAKE_LINK_BACK = "End the link"
IS_IT_YOURS_TITLE = "Is this link yours?"
IS_IT_YOURS = (
    "It opens the conversations of the guest who made it. What you write there can be read by everybody who has"
    " the link: go on only if you made it yourself."
)
IT_IS_MINE = "It is mine: open them"
IT_IS_NOT = "It is not mine: begin anew"
NO_SUCH_LINK_TITLE = "This link has ended"
NO_SUCH_LINK = "It was taken back, replaced by a new one, or its time is over."
GO_ON_WITHOUT = "Begin anew"

# Half set up
NOT_OPEN_TITLE = "Not open yet"
NOT_OPEN = "The owner of this playground is still setting it up. Please come back later."
I_AM_OWNER = "I am the owner"
NEW_PASSWORD_ABOUT = "Type the password you want. What comes out goes into the secrets of the app; then restart it."
NEW_PASSWORD = "New password"
MAKE_HASH = "Make its hash"
IN_VAIN = "**Some lines of your settings do nothing.** Mend them, then restart the app:"

# ---- the meter in the sidebar ---------------------------------------------------------------------------

PAUSED_FOR_GUESTS = ":material/pause_circle: **Paused by the owner.** With a key of your own you can go on."
USED_TODAY = ":material/data_usage: {facts}"
MESSAGES_USED = "Used: {used:,} of {most:,} messages today"
SHARE_USED: dict[Unit, str] = {
    "tokens": "{share:.0%} of today's tokens",
    "usd": "{share:.0%} of today's money",
}
ALL_USED = "All guests together have used today's budget. With a key of your own you can go on."

# ---- notes beside a control -----------------------------------------------------------------------------

MOST_IS_SENT = ":orange[**{most:,} is sent**: that is the most for guests. A key of your own has no limit.]"
LONGEST_IS_SENT = "{most:,} is sent: the most for guests."
MODEL_NOT_OPEN = "{problem} Choose another one, or use your own key."

# ---- the owner's page -----------------------------------------------------------------------------------

NOT_SHARED = (
    "This page is for an app that is shared with guests. To share this one, put the lines below into its secrets "
    "(on Community Cloud: App settings > Secrets; elsewhere `.streamlit/secrets.toml`) with your own key, and "
    "restart it. The app then asks you for a password for your guests, and this page for one of yours."
)
SHARING_LINES = '''AIMLAPI_API_KEY = "your key"
PLAYGROUND_SHARED = "1"
PLAYGROUND_GATE = "password"'''
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

# What is kept
KEPT = "Kept of guests"
KEPT_NOW = "Conversations: {conversations:,} · Guests: {guests:,} · {size:,.1f} MB"
KEPT_HOW_LONG = (
    "A guest's conversation is deleted {days} days after its last message, and when the guest leaves. Those of "
    "guests who log in stay as long as there is room. There is room for {one:,} conversations of one guest, and"
    " for {all:,} or {size:,} MB of all guests: the oldest go first."
)
NOT_LASTING = (
    "They are in a file on this machine. Where its disk does not last, as on Community Cloud, a restart forgets"
    " them, and what guests have used. A line in the secrets names a database that lasts: `DATABASE_URL = "
    '"postgresql://user:password@host:5432/name"`.'
)
CANNOT_BE_WRITTEN = (
    "**The data folder of this app cannot be written**, and only you can mend that. Guests go on asking: what "
    "they use is counted in memory, and what they say is kept there, up to {size:,} million characters of all "
    "together, the oldest going first. A restart forgets both. To mend it, give the app a disk with room that "
    "it may write to, or set DATABASE_URL, then restart."
)
END_VISITS = "Send all guests away"
END_VISITS_ABOUT = (
    "Every browser and every private link is forgotten, on every copy of the app: guests type the password again, "
    "and find nothing of what they had. For when a computer or a link got into wrong hands."
)
END_VISITS_NOW = "Send them away now"
LOOK_AGAIN = "Look again"
