"""Run the command line as ``python -m azibflow``."""

import sys

if __name__ == "__main__":
    # Python puts the current folder first, so that a file there takes the place of a library. It comes last, for the
    # code that a campaign names, and not at all for commands that only read.
    here = [] if sys.flags.safe_path else [sys.path.pop(0)]

    from .cli.main import READING, main

    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    sys.path += [] if command in READING else here
    main()
