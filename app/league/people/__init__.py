"""青年: one human being's electronic file (电子档案), its history, corrections and cases."""
