"""The servers under test: Natter whole, the floor, and the peers."""
