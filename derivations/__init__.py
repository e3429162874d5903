"""Results, one module each, named by the sentence it proves.

Every module holds a ``DERIVATION``: the published claim, the steps from the definition, and so the verdict, which is
computed each time and never written down.
"""
