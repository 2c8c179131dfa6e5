"""When and how it is sold: drops and their doors, limits and reminders."""
