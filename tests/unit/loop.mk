# unit tests of loop
