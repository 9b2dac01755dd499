"""The core both functions carry: policies, their translation, their synchronisation."""
