"""The League's business, a package per domain. No Flask here."""
