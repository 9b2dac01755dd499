"""The canonical model: what a device is expected to do, in no cloud's words.

:mod:`rule` is what a document says, statement by statement; :mod:`atom` is the part that two clouds can
share; :mod:`merge`, :mod:`strictness` and :mod:`canon` work on atoms; :mod:`loss` is what could not be said.
"""
