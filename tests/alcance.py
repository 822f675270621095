"""How far sweeps go: in `make test` through some of each kind that they look for, the same in every run; in
`make exhaustivo` through all."""

import os

EXHAUSTIVO = bool(os.environ.get("EXHAUSTIVO"))
