"""What is measured against beside the floors, where it is installed for the purpose in an environment of its own."""
