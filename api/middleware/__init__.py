"""ASGI layers around all routes: ids, headers, compression, shedding, and errors retold."""
