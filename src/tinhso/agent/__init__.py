"""`tinhso agent`: signs with the USB token in an official's own PC.

A small service on loopback that the province's pages talk to. It needs neither a database nor
settings of the product: an allowed origin, a token driver, and somebody to ask for the PIN.
What it does and refuses: docs/guide/signing.md; why so: docs/decisions/0014.
"""
