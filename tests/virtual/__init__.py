"""Stories of many minutes told in seconds: product and workspace live on virtual time."""
