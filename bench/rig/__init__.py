"""What the ingest benchmark is built of: cameras, gauges, and the things it compares."""
