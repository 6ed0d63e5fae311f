"""Time: what is due now, and getting it done."""
