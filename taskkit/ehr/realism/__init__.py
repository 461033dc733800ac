"""How much like real hospital data a source is: measured, and held to bands."""
