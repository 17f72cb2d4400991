"""The site over real HTTP, on the sample week."""
