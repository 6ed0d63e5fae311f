"""The ledger's other half: notices are claimed, handed over, and marked with what became of them. Each file says what it is.

    queued ──► claimed ──► sent | failed | unknown | expired | superseded
       ▲           │
       └───────────┘  a lease that lapsed before the letter was handed over, or a temporary failure

The deliver tick *claims* a batch for the length of a lease (`claims`); `letters` hands each over; `marks` writes down what came
of it; chat that fails gives way to e-mail (`other_way`). `domain.notices` owes them.
"""
