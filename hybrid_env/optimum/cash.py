"""Cash in the programme: best case, no capacity is ever withdrawn, so there is nothing to add to it.

A withdrawal loses its pay and is credited on top, while the programme may shed the same work for its credit alone
(`Site` sees to it that this is never dearer), so leaving it out can only raise the bound.
"""
