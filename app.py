"""The front page: chat. And the server: Streamlit's own, with one route beside its pages."""

import streamlit as st

if __name__ == "__main__":
    from components.chat.page import chat
    from components.frame import page

    session = page("Chat")
    chat(session)
else:  # `streamlit run app.py` has found an app in this file, and imports it before any page is asked for
    from components.view.route import routes

    app = st.App(__file__, routes=routes())
