"""One running Natter: setting it up, its servers, its workers, its end. Standard library only."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (old Pythons are why this is here)
    TOO_OLD = "natter: this is Python {}.{}, but it takes 3.11 or newer: get that and run `python3.11 {}`."
    sys.exit(TOO_OLD.format(sys.version_info[0], sys.version_info[1], sys.argv[0]))
