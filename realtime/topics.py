"""Every topic there is: its key, who may watch it, how it is read. No other is served."""
