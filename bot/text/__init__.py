"""Text made plain, cut into sentences and stems, and compared. Pure."""
