"""What the measuring itself needs. Nothing in here is measured."""
