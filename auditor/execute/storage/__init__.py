"""What a store holds and how it is found: blocks, objects, the index, the lock. It knows no plan and runs nothing."""
