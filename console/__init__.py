"""The console: the server in a browser. A process of its own, which knows the server by its HTTP doors only."""
