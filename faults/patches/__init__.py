"""What the processes of a rig are made to do wrong: each module has `install()`, called before anything of the shop runs."""
