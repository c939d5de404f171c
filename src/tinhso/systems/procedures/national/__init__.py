"""Reading the national database of procedures: its rows are run-together text. Nothing here knows Django.

What a row says is kept in dataclasses beside the excerpt it was read from; what cannot be read for certain
stays text and carries a `Doubt`, which a person resolves. Nothing is guessed.
"""

READER = 3  # goes up when the reader comes to read something otherwise, so that unchanged rows are read again
