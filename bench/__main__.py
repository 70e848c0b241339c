"""`make bench`: every benchmark, each with its peer in the same run."""

from bench import history_load

history_load.main()
