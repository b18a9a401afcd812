# Says of each command of the AWS CLI (a JSON list of words a line) what of it the CLI does not know.
import json
import sys

import botocore.session
from botocore import xform_name

GLOBAL = {
    "cli-input-json", "endpoint-url", "max-items", "no-paginate", "output", "page-size", "profile", "query", "region",
}
# Commands that the CLI makes of several operations; `logs tail` is of its version 2.
OWN = {("logs", "tail"): {"since", "follow", "filter-pattern", "format"}}

session = botocore.session.get_session()


def complaint(words):
    plain = []
    for before, word in zip([None, *words], words):
        if word.startswith("--"):
            continue
        if before is not None and before.startswith("--") and len(plain) < 2 and before[2:] in GLOBAL:
            continue
        plain.append(word)
    options = {word[2:].split("=")[0] for word in words if word.startswith("--")}
    service, operation, *_ = plain
    known = OWN.get((service, operation))
    if known is None:
        try:
            model = session.get_service_model(service)
        except Exception:
            return f"no service {service}"
        if operation == "wait":
            waiters = {xform_name(name, "-") for name in session.get_waiter_model(service).waiter_names}
            if plain[2] not in waiters:
                return f"no waiter {plain[2]}"
            return None
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        if operation not in operations:
            return f"no operation {operation}"
        shape = model.operation_model(operations[operation]).input_shape
        members = {xform_name(name, "-") for name in shape.members} if shape else set()
        known = members | {f"no-{name}" for name in members}
    unknown = options - known - GLOBAL
    return f"no option {sorted(unknown)}" if unknown else None


for line in sys.stdin:
    words = json.loads(line)
    said = complaint(words)
    if said:
        print(f"aws {' '.join(words)}: {said}")
