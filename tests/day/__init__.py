"""A label's whole day after the drop, by hand in a real browser, with every action counted (`make day`)."""
