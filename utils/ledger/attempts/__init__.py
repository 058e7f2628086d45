"""Single attempts, for who looks for the slow, the dear and the failed ones: answer by answer."""
