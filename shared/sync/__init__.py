"""The sync protocol without I/O: generators that yield effects and never perform them.

:mod:`ports` says what the outside must be able to do, :mod:`effects` what the engine may ask of it,
:mod:`link` what is remembered between two looks; :mod:`reconcile` is the engine for one link.
"""
