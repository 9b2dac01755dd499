"""The triggers: one package a cloud, and the local third place where the same core runs."""
