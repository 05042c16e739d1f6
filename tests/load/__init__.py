"""Programs that put a real server under load and say what became of it. Not part of the suite: started by scripts/."""
