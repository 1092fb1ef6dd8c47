"""Pages that are pictures -> Page and words, for the same builders that PDF pages go through: cleaned, ruled, cut into lines, recognised."""
