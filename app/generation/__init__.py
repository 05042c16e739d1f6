"""A province of any size, invented: what benchmarks and rehearsals run against (``scripts/generate``)."""
