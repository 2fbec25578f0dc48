"""The mails that bring alerts, and the weekly overview with its picture."""
