# unit tests of server
