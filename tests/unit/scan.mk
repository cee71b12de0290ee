# unit tests of scan
