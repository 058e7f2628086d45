"""What the records add up to: kept by the day while they are written, so that a year is read in a moment."""
