"""Turn what somebody sends into a file that may be kept, or refuse it.

A file is known by its content, never by its name. What decides is that a parser opens it and writes
it anew: `child` does that in a process of its own, with little memory and no secrets, and what it
wrote is what is kept.
"""
