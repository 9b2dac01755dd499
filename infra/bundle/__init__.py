"""Builds what is deployed: the Lambda's tree and the Azure function app's wwwroot.

Only the standard library, for ``sam build`` runs it in a bare copy of the project. Python 3.13 must run it,
because the compiled files that go along are those of the interpreter that compiles.
"""
