"""What joins the machines to the world outside: how messages are written as bytes, and what carries them."""
