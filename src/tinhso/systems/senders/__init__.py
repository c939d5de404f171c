"""Many applications at once, from accredited senders: the post, banks, ministries, schools.

A *sender* is an API client, or an agency whose receptionist brings a file. An *item* is one application under the
sender's own *reference*. Each item is handed in by itself, by the same rules as on the pages, or refused with what
to mend; a reference is taken once, however often it is sent, and never for other contents. A file is looked through
first (a *sending*): what would come, what is wrong in which row; confirmed, a job hands in what is right.

One real case: the post office brings 200 extracts for a commune. 197 rows are right and become dossiers with their
codes; 3 lack an identity number. The clerk mends those three rows and brings the whole file again: 197 are known by
their references, 3 come in.
"""
