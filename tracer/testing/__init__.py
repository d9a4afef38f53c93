"""For the tests of those who use Gradtrace: snapshots of the graph, as a plugin of pytest."""
