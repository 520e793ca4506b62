"""`python -m web` is the `shirube` command."""

from web.cli import main

main()
