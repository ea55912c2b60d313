"""Surrogates: committees of networks with a card that says what they were made from and where they can be believed."""
