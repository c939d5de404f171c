"""A stand-in for Zalo's notification service and its tokens: takes messages over HTTP, sends none.

`GET /` shows what it took. Never part of a production install.
"""
