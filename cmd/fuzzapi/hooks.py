"""What schemathesis.toml cannot say about the requests to make up."""

import schemathesis


@schemathesis.hook
def filter_case(context, case):
    """Leave out what counts as absent, which a document cannot say: empty query
    parameters, and null for a whole body, which some clients send for none."""
    if case.body is None:
        return False
    return not any(value in ("", [], [""]) or (isinstance(value, list) and "" in value) for value in (case.query or {}).values())
