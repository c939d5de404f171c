"""What an official looks for in the queue: words, a step, how soon it is due, only their own; kept under a name."""
