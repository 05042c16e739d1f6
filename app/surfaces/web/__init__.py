"""What every door shares: pages, forms, gates, sessions, security headers, error pages."""
