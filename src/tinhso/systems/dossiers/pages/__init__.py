"""HTML of dossiers: `public` (look-up, verification), `citizen` (one's own), `apply`
(the application), `desk` (the queue and a dossier), `work` (what officials do there),
`counter` (reception of people who come in person)."""
