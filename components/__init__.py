"""Everything that draws. Imports streamlit and backend; pages import this."""
