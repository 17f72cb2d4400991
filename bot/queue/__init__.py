"""Queues that bring channels their turn: in this process, or by Procrastinate for any number of processes."""
