"""Who is told of what happened: read from the events and from the clock, then put into mails.

Three works by the clock, each under the lock of its row in AlertCursor, so that a second one beside
it does nothing. What is tried again tells nobody twice: a constraint of the database sees to it.
"""
