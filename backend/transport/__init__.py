"""HTTP: calls with deadlines, event streams, the client, the gate to the public web. No JSON: that is in
protocol.
"""
