"""An endpoint that answers as BigQuery does, to test on without a network."""
