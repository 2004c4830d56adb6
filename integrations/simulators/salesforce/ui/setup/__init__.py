"""Setup: everything that can be switched, as forms around the actions of `/_sim/`."""
