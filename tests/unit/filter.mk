# unit tests of filter
