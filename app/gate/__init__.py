"""How a web process answers: from memory where it may, through a door with a short line, and by Flask behind it."""
