"""One package a platform, and the modules that they share. Packages do not import each other. See README.md."""
