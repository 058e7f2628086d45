"""How fast the server is, measured beside a bot written the usual way: `python -m bench`.

conventional   that bot
contenders     the processes that are compared
measures       what is measured: cold start, first token, load
rig            what the measuring itself needs: sockets, an upstream, a load client
machine        cores and child processes
soak           hundreds of answers at once from a provider that fails: `python -m bench.soak`
routes         what routing costs where nothing is to be routed: `python -m bench.routes`
usage          how long a summary of a year takes: `python -m bench.usage`
report         the tables, and the JSON file
"""
