"""Electronic forms: a definition is data, one rule set serves the page, the API and the counter.

A *definition* is JSON: a JSON Schema (2020-12 subset) says what an answer is, a layout says how
people are asked (pages, groups, order, labels, help, conditions). A published definition is an
immutable *form version*; drafts and dossiers pin the version they were filled by. *Answers* are
nested JSON with canonical values (dates ISO, money integer đồng), addressed by dotted paths
such as `requester.address.commune`.
"""
