"""`streamlit run console/Home.py`: where the console begins. Streamlit runs this file anew for every click."""

import sys
from pathlib import Path

# Streamlit puts this folder on the path; the console is a package, so the folder above it belongs there instead.
ABOVE = str(Path(__file__).resolve().parent.parent)
if ABOVE not in sys.path:
    sys.path.insert(0, ABOVE)

from console.frame import show  # noqa: E402

show()
