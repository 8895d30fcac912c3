"""The server as a process: its socket, its signals, its metrics."""
