"""Reports: how a programme went, in counts. Each file says what it is.

A report names sessions and organisations, never people. Groups of fewer than five people are counted together, and so
are private sessions, of which only the number is told; their people count in the totals. What is seen of the answers
is what `domain.feedback.answers` releases.
"""
