"""Letters: from a claimed notice to what is sent, read again at that moment. Each file says what it is."""
