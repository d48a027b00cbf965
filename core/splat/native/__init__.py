"""The native renderers: C++ sources, what compiles them and what calls them."""
