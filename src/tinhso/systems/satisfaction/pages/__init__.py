"""Pages of satisfaction: the applicant's, and that of heads, leaders and auditors."""
