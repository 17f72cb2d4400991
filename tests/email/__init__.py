"""Mail, tried against a real SMTP server on loopback (`server.py`)."""
