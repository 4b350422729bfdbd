"""What auth has users told."""
