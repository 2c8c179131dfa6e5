"""What is held about a fan: where it lies, how it is shown, erased on request, and erased by age; erased stays erased."""
