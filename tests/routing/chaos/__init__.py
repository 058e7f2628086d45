"""Whatever the providers do, a person gets one whole answer or one clear error: whole apps over real sockets."""
