"""How good an actor is: figures measured in millimetres on a head, on real speech."""
