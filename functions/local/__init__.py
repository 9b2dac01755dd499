"""The third place the core runs: the command line and the two clouds in a box."""
