"""What is said about the node that is selected."""
