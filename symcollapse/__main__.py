"""``python -m symcollapse``: the command line."""

from symcollapse.interfaces.command_line import main

if __name__ == "__main__":
    main()
