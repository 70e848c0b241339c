"""The bundled panel of the benchmarks."""
