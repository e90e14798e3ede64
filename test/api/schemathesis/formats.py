"""What openapi.yaml has words for but no pattern: how to make valid values of these formats."""

import base64
import json

import schemathesis
from hypothesis import strategies as st

names = st.sampled_from(["job", "instance", "path", "kind", "absent"])
values = st.sampled_from(["etl", "backup", "Ü", "", 'with "quotes" and \\', "\n"]) | st.text(max_size=8)
# RE2 reads all of these, and no text without a meaning to it has to be escaped.
regexes = st.sampled_from([".+", ".*", "etl|backup", "(?i)ETL", "[a-c]+[0-9]*", "", "a{0,9}", r"\pL+"])


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


matchers = st.builds(
    lambda name, operator, value: f"{name}{operator}{quoted(value)}", names, st.sampled_from(["=", "!="]), values
) | st.builds(
    lambda name, operator, regex: f"{name}{operator}{quoted(regex)}", names, st.sampled_from(["=~", "!~"]), regexes
)

# With a matcher that asks for a value, so that a deletion may have it too.
selectors = st.builds(
    lambda kind, others: "{" + ",".join([kind, *others]) + "}",
    st.sampled_from(['kind="bulk"', 'kind=~".+"', 'job="etl"', 'job=~"etl|backup"', 'instance!=""']),
    st.lists(matchers, max_size=3),
)

schemathesis.openapi.format("label-matchers", selectors)

# Any other comes from a page, to which the links of the document lead.
schemathesis.openapi.format("cursor", st.just(""))


@schemathesis.hook
def before_call(context, case, kwargs):
    """A link cannot say that the order stays as it was when the first request left it to the default: the cursor can."""
    cursor = case.query.get("cursor") if case.meta.generation.mode.is_positive else None
    if cursor:
        _, case.query["sort"], case.query["order"], _ = json.loads(base64.urlsafe_b64decode(cursor + "==="))
