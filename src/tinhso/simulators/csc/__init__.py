"""A stand-in for a remote signing service, clearly marked as a simulator: the Cloud Signature Consortium's API.

Keys are with the service; a person releases a number of signatures with a PIN (v1.0.4 and, by the
names of v2, /csc/v2). Never part of a production install.
"""
