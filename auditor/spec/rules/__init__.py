"""What one part of a document says about another: names that exist, promises that can be kept."""
