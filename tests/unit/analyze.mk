# unit tests of analyze
