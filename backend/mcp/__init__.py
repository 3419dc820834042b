"""Tools of other servers over the Model Context Protocol (https://modelcontextprotocol.io): the description of a
server
(`server`, `config`), a connection to it (`connection`), and its tools for an agent (`host`, `offered_tools`).

Only `session`, `streams`, `http` and `oauth` import the official SDK (the package `mcp`), and those are imported
only
when a visitor connects: it takes 0.6 s and 30 MB.
"""
