# unit tests of tunnel
