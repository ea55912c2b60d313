"""Package data: values published in the literature, each with its DOI and locator."""
