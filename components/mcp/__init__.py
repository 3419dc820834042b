"""The servers of tools on the Tools page: added, connected, looked at, tried."""
