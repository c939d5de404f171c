"""Open dossiers from another system: read a file, say what is wrong in it, take over the rest.

The file is described in docs/guide/takeover.md. A dossier is taken over whole, in one
transaction, or not at all; one that is here already is passed over, so a run that was killed
is simply run again.
"""
