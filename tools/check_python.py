"""Says in one sentence why this Python cannot set Spotter up; make runs it first.

It must run on every Python that somebody may have, so it uses no modern syntax.
"""

import sys

OLDEST = (3, 11)


def main(newest=None):
    """Exit with 1 and a sentence if this Python is too old, newer than ``newest``, or has no venv."""
    version = sys.version_info[:2]
    wanted = "Python {}.{}".format(*OLDEST) + (" to " + newest if newest else " or newer")
    advice = "Name another one: make PYTHON=/path/to/python3"
    if version < OLDEST or (newest and version > tuple(int(part) for part in newest.split("."))):
        sys.exit("This needs {}, but {} is {}.{}. {}".format(wanted, sys.executable, *(version + (advice,))))
    from importlib.util import find_spec

    if find_spec("venv") is None or find_spec("ensurepip") is None:
        sys.exit(
            "{} cannot make virtual environments: its venv module is missing. On Debian and Ubuntu: "
            "sudo apt install python{}.{}-venv. {}".format(sys.executable, *(version + (advice,)))
        )


main(*sys.argv[1:])
