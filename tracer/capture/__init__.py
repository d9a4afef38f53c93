"""A live graph of autograd → plain nodes and edges. Nothing is run, unpacked or changed."""
