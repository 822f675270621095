"""A program that does not end by itself, whatever becomes of its input."""

import signal

if __name__ == "__main__":
    signal.pause()
