"""What comes back after a loss: from the journal, the lake, the originals and the backup."""
