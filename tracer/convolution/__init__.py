"""What a convolution layer does to sizes, in plain numbers, without torch."""
