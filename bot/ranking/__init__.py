"""What trends, and what trends for one channel. Pure."""
