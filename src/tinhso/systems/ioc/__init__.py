"""The operations centre: what the province does, live, on one wall.

It knows no other system. Each hangs its figures into the slot `ioc.figures`, with how fresh
they are and a way down to the cases; the live process says when to look again.
"""
