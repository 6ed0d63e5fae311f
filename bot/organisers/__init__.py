"""What organisers see and press: previews, confirmations, forms. Private replies, and the right to act is asked at every press."""
