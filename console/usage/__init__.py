"""The page Usage: what the answers took and cost, how that changes, what is left of budgets, and what went wrong."""
