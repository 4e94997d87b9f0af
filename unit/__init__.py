"""One running Natter on one machine: setting it up, its servers, its workers, its end. Only the standard library."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (the reason for this line is an older Python)
    sys.exit(
        "Natter needs Python 3.11 or newer and this is %d.%d: start it with a newer one, such as `python3.12 %s`."
        % (sys.version_info[0], sys.version_info[1], sys.argv[0])
    )
