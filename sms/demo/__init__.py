"""Text messages in the demo."""
