"""How fast the product is, beside what the same machine does at best: `make bench`."""
