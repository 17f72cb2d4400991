"""What one channel gets today, and why. Pure."""
