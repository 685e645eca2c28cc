"""The OpenAPI document is valid, and every example in it fits its schema. Called by contract.sh with the document's file."""
import json
import sys

from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

passed = failed = 0


def expect(what, problems):
    global passed, failed
    passed, failed = passed + (not problems), failed + bool(problems)
    print("FAIL" if problems else "ok  ", what, *problems[:3])


def examples_of(where, content):
    for kind, media in (content or {}).items():
        if "example" in media:
            yield f"{where}, {kind}", media["schema"], media["example"]


document = json.load(open(sys.argv[1]))
expect("the document is valid", [f"{'/'.join(map(str, error.path))}: {error.message[:120]}" for error in OpenAPIV31SpecValidator(document).iter_errors()])
examples = 0
for path, operations in document["paths"].items():
    for method, operation in operations.items():
        where = f"{method} {path}"
        found = list(examples_of(f"{where}, body", operation.get("requestBody", {}).get("content")))
        for status, answer in operation["responses"].items():
            found += examples_of(f"{where}, {status}", answer.get("content"))
        for name, schema, example in found:
            examples += 1
            whole = {**schema, "components": document["components"]}
            problems = [f"{'/'.join(map(str, error.path))}: {error.message[:120]}"
                        for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(example)]
            if problems:
                expect(f"the example of {name} fits", problems)
expect(f"{examples} examples fit their schemas", [] if examples > 100 and not failed else ["see above"])
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
