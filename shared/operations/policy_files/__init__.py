"""Policies as YAML files that people review in git: what both clouds share, a policy a file.

Written from what both clouds show, read back as what both should show. The laws: a file that was written and
not edited asks for nothing; one text for one state; whatever a file asks for was written in it by somebody.
"""
