"""Clinical notes written from sampled patients, and the reading of them."""
