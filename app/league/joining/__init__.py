"""入档申请: from the draft to the approved file, whatever the door."""
