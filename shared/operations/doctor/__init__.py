"""A check-up of everything that has to be right before a policy can be mirrored. It writes nothing."""
