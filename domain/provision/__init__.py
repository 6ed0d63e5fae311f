"""Asking the meeting services, by the recipe that never makes two. Each file says what it is.

Only meetings that `meetings.ensure` has committed are asked for. From the claim on a meeting *may* exist
(unknown) until the service's answer says otherwise: an unknown one is looked for by its ref, never just made
again. A link is published only once its meeting is adopted.
"""
