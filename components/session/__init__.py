"""What one browser tab remembers, and the services all tabs share. Draws nothing."""
