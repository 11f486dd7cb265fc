"""Programs that use the product from outside, as anybody's client would."""
