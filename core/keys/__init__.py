"""Keys of F-curves as plain arrays: reduced, merged with what was there, evaluated."""
