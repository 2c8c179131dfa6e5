"""Python imports this first in every process of a rig that asked for patches; it loads the modules that FAULTS names."""

import importlib
import os

for _name in filter(None, os.environ.get("FAULTS", "").split(",")):
    importlib.import_module(f"faults.patches.{_name}").install()
