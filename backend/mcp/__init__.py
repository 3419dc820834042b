"""Tools of other servers, by the Model Context Protocol (https://modelcontextprotocol.io): what a server is and how
it is reached (`server`, `config`), a connection to it (`connection`), and its tools for an agent (`host`, `names`).

The official SDK (the package `mcp`) is imported by `session`, `streams` and `http` alone, and those only when a
visitor connects: it takes 0.6 s and 30 MB.
"""
