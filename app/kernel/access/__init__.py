"""Who may do what: one enum of powers, one table of rules, one viewer per request, scopes drawn from both."""
