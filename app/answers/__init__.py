"""The messages of the page, one small module each: a field in, a JSON-ready reply out."""
