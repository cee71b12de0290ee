# manual pages (mdoc)
PAGES = man/crab.1 man/crab.conf.5 man/crabd.8 man/crab-worker.8
dist_man_MANS = $(PAGES)
