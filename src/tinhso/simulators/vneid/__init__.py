"""A stand-in for VNeID: a real OpenID Connect provider over HTTP, clearly marked as a simulator.

It speaks the claims VNeID is known to give (`sub`, `SoDinhDanh`, `HoVaTen`) and lets one pick a
constructed citizen instead of proving who one is. Never part of a production install.
"""
