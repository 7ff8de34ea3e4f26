"""What users do: one small function a use case, without windows."""
