"""Which policies are mirrored where, and how: routes.yaml.

:mod:`route` is what a document means, :mod:`match` which routes an event concerns, :mod:`load` the way from
text to routes; :mod:`nodes` and :mod:`explain` see to it that every error names its line.
"""
