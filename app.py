"""The front page: the chat. And the server: Streamlit's own, with additional routes and middleware."""

import sys

import streamlit as st

from backend.requirements import install_advice

if __name__ == "__main__":
    if install_advice():  # an older Streamlit comes here at once
        print(install_advice(), file=sys.stderr)
        st.error(install_advice("python"))
        st.stop()

    from components.chat.message_box import Beginning
    from components.chat.page import chat
    from components.frame import show
    from components.session.session import Session
    from components.stage.page import stage

    beginning = Beginning()

    def front(session: Session) -> None:
        if session.stage.on:
            stage(session)
        else:
            chat(session, beginning=beginning)

    show("Chat", front, first=beginning.at_once)
else:  # `streamlit run app.py` finds an app in this file, and imports it before any page is requested
    if install_advice():
        sys.exit(install_advice())

    from pathlib import Path

    from starlette.middleware import Middleware

    from components.elements.early_style import EarlyStyle
    from components.guests.cookie import GuestCookie
    from components.mcp import route as sign_ins
    from components.session.own_name import OwnName
    from components.startup import lifespan, require_settings
    from components.studio import route as results
    from components.view import route as answers

    require_settings()
    app = st.App(
        __file__,
        routes=[*answers.routes(), *results.routes(), *sign_ins.routes()],
        middleware=[
            Middleware(OwnName),
            Middleware(GuestCookie),
            Middleware(EarlyStyle, sheet=Path(__file__).parent / "components" / "style.css"),
        ],
        lifespan=lifespan,
    )
