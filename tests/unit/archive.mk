# unit tests of archive
