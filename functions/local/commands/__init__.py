"""One module per subcommand of ``policy-mirror``."""
