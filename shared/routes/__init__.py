"""Which policies are mirrored where, and how: routes.yaml.

:mod:`route` is what a document means, :mod:`match` which routes an event concerns, :mod:`load` the way from
text to routes, :mod:`mention` the short way to know that there is none; :mod:`nodes` and :mod:`explain` see
to it that every error names its line.
"""
