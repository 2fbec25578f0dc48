"""What a shop does after a low score: a task with a playbook, contact, and how it ended."""
