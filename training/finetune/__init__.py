"""Fine-tuning: a trained actor takes on the manner of captured takes and keeps what it knows."""
