# vector tests
