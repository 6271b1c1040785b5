"""The enterprises pass (§3): who enters, walks and ends."""
