"""Pages of the counter: the applicant, scans, hand-overs and the day."""
