"""The catalogue of administrative procedures: what they are, how long, how much, where, by which form.

A *procedure* (thủ tục) has *versions*, of which one is in force; a dossier stays with the version it
was received under. A version has *variants* (trường hợp), each with its own time limit, fee, channels,
form, process, components and result letter. All of it is data, shipped in `data/` or imported.
"""
