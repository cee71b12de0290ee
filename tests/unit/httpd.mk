# unit tests of httpd
