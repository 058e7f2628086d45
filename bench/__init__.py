"""How fast the server is, measured beside a bot written the usual way: `python -m bench`.

goals          the eleven figures, and what each must be
conventional   B, that bot
contenders     the servers that are compared
field          all of them up at once, each in front of an upstream of its own
measures       what is measured, one thing in each file
rig            what the measuring itself needs: an upstream, a load client, sockets
machine        cores and child processes
report         the tables, and the JSON file
page           the tables in docs/performance.md
micro          what single steps take, in one process: `python -m bench.micro`
soak           hundreds of answers at once from a provider that fails: `python -m bench.soak`
routes         what routing costs where nothing is to be routed: `python -m bench.routes`
usage          how long a summary of a year takes: `python -m bench.usage`
"""
