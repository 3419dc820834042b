"""Everything that is not the screen: values, the wire, the client, running answers, settings, tools.

Nothing in here imports streamlit, so all of it works from a notebook or a script:

    from backend.transport.client import ChatClient, Endpoint
    from backend.types import ChatRequest, Message

    client = ChatClient(Endpoint("https://api.aimlapi.com/v1", api_key="..."))
    request = ChatRequest("google/gemini-2.5-flash", (Message("user", "Hello"),))
    print(client.complete(request).content)
"""
