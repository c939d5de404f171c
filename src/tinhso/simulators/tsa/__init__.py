"""A stand-in for what a certification authority runs on the network, clearly marked as a simulator.

RFC 3161 time-stamps, OCSP (RFC 6960) and a CRL (RFC 5280) of the demonstration authority in
`DATA_DIR/keys/ca`; certificates are revoked through an address that no real authority has. Never
part of a production install.
"""
