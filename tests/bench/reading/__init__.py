"""Reading of the sentence under a title: the papers drawn, what is printed of each, and the marks (`README.md`)."""
