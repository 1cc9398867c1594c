"""The panels of Explain as pictures for a talk or a paper, drawn with matplotlib."""
