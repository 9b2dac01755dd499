"""The sync protocol without I/O: generators that yield effects and never perform them.

:mod:`ports` says what the outside must be able to do, :mod:`effects` what the engine may ask of it,
:mod:`link` what is remembered between two looks; :mod:`reconcile` is the engine for one link.

Where the engine goes beyond the protocol that it was built from. Each was found by simulation, or by what
it would have cost:

* A write that was never answered may land long after its lease. What it would make is remembered until the
  first look after the last moment at which it could come, and taken for that write, not for a user's edit
  (:mod:`late`). At that last look it may be either: the rule is then in conflict. The lease expires by
  itself, and is not given back. A deletion that may still land on what somebody recreated is marked; a list
  that Azure does not tell is written once more where an old one may have come late.
* Azure is read once more before a write to AWS too, for what it shows is about to be copied; and AWS before
  its twin on Azure is deleted (:mod:`execute`). A conflict is told only of what a second look still shows.
* A profile of an older version than the ledger has seen is not believed (:mod:`staleness`). One that was
  recreated counts anew, and takes an update that is conditional on version 1: its date of creation in the
  answer tells, and the write is marked (:mod:`execute`).
* A conflict stays until both sides say the same or somebody settles it, also where one side went back. One
  that was settled on one side, while another worker has to write the other, stays a conflict until it did.
* Times that decide (two looks at an absence, the window of a write) are the clouds' own: the clocks of two
  workers may be minutes apart. HTTP tells whole seconds; what is seen at once, and again with the lease (a
  replica may lag), decides within the last one. What was seen between two plans has to be missed twice anew.
* What is read back after a write (step 6) is the cloud's answer to it; a surprise in that of AWS makes us
  remember what was sent instead, so that somebody else's edit shows as a difference at the next look.
* Nobody lists a hub to create a group: Azure finds a name in any case, and it is read three times on the way.
  AWS's listing shows names that differ only in case, once for many (:mod:`absence`).
* Whatever a sweep does not see in step, or listed, gets a look of its own, which reads both sides. So a scope
  that cannot be listed in one invocation is listed page by page, for names alone (:mod:`paging`).
* One approval carries both halves of a plan, though each worker makes a plan of its own (:mod:`plan`).
* Our writes are told apart by a request id that follows from link and lease. It decides about alarms only: no
  event is ever dropped for whom it came from (:mod:`races`).
* A route may name a canary, and freezes where a cloud does not show it (:mod:`absence`).
"""
