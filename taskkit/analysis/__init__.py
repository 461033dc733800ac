"""Kit: named values over the tables of cancer studies, published in the form of cBioPortal."""
