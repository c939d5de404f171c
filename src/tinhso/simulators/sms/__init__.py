"""A stand-in for an SMS provider (protocol of eSMS.vn): takes messages over HTTP, sends none.

`GET /` shows what it took. Never part of a production install.
"""
