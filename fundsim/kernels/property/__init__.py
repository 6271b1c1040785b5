"""The property pass (§4): projects, REITs and the interests they leave."""
