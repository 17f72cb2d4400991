"""One package a platform. None knows another; all share `text`, `links`, `errands` and `logs`."""
