"""The composition root: the only place that knows which port is behind which name.

Everything is built when it is first needed, so that an event that concerns no route loads no SDK. What only a
command asks for, or a person's terminal, is imported there: no look should wait for it.
"""
