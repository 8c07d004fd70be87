"""Which model files exist, where they come from, their checksums and licences; running one."""
