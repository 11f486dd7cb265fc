"""Another application: bicycles, whose owners are told when they come back. Installed by EXTRA_APPS=tests.bicycles."""
