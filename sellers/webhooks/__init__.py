"""What happened is told to the servers of shops and of the marketplace.

Read from the events (reading.py), sent with claims, tries and pauses (sending.py), to addresses
that may be called (calling.py); docs/decisions/0026-webhooks.md.
"""
