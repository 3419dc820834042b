"""The view of conversations: a component of our own that draws messages in the browser, from data.

component.py hands the data to the browser; src/ is what draws there, built by `make view` into static/.
"""
