"""Index algebra: expressions over the elements of tensors, differentiated, summed, tidied, evaluated and written."""
