"""What was sold: orders, their totals and numbers."""
