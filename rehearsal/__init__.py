"""Local stand-ins for every outside service, and a clock that can travel."""
