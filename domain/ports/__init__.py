"""What the domain and the ticks ask of the outside world, as Protocols and plain values. Each file says what it is.

`integrations/` and `bot/` implement these; `practiceweek.compose` hands them in. Every value is frozen and
complete: an implementation never reads the database. Every method raises `domain.errors.Permanent`,
`Temporary` or `Unknown`, and nothing else, for a failure of the service behind it.
"""
