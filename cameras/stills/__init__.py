"""Decoding single key frames, in a child process of its own: what a camera sends may crash a decoder."""
