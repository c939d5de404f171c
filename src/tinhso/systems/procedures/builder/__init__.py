"""Where a case of a procedure is designed without code: its form, what the officer states, its fee, its letter.

Every page works on a draft of the catalogue (`models.Revision`) by small changes of its data, so that two officials
who change different pieces do not meet, and whoever changes the same piece second sees what it has become.
"""
