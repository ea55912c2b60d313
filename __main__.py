"""Run the command line as ``python -m azibflow``."""

from .cli.main import main

if __name__ == "__main__":
    main()
