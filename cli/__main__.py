"""`python -m cli` is `nte`."""

from cli.main import main

main()
