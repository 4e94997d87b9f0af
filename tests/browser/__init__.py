"""Two people in real browsers, and how the pages look."""
