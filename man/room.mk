# manual pages (mdoc)
PAGES = man/crabd.8
dist_man_MANS = $(PAGES)
