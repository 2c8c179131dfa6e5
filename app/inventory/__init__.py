"""What exists and where it is. Writes go through claims (moves), stocktake (makes) and holds; nobody else writes these tables."""
