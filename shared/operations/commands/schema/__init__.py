"""What each command takes: one model a command, its docstring the help, its fields the arguments."""
