# manual pages (mdoc)
PAGES = man/crabd.8
PAGES += man/crab-worker.8
dist_man_MANS = $(PAGES)
