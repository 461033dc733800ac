"""Notes written from a hospital's records, and statements checked against them."""
