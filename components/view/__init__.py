"""The view of conversations: a custom component that draws messages in the browser, from data.

component.py sends the data to the browser; src/ draws it there, built by `make view` into static/.
"""
