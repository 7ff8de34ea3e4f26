"""What every layer stands on: errors, translation, resources, settings, secrets and the log."""
