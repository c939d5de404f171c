"""What the pages where a case is designed without code work with: its two forms, the settings of a piece, conditions,
letters of one's own.

They change a draft of the catalogue (`models.Revision`) piece by piece, so that two officials who change different
pieces do not meet, and whoever changes the same piece second sees what it has become.
"""
