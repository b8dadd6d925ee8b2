"""One internal card, several renderings: the forms that different clients can take."""
