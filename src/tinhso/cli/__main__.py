"""`python -m tinhso.cli`, where the script is not installed."""

import sys

from . import main

sys.exit(main())
