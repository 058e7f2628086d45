"""How fast the server is, measured beside a bot written the usual way: `python -m bench`.

conventional   that bot
contenders     the processes that are compared
measures       what is measured: cold start, first token, load
rig            what the measuring itself needs: sockets, an upstream, a load client
machine        cores and child processes
report         the tables, and the JSON file
"""
