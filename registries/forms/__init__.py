"""Forms, one module per room: they check shape, the rules are the operations'."""
