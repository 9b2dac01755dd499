"""What the platforms themselves run, on this machine: AWS's runtime client under its emulator, Microsoft's
worker under a host of ours. Both run the artefacts that ``make build`` makes."""
