"""Every sentence that people read, as messages without platform markup. Pure. The files: README.md."""
